#!/usr/bin/perl
# Refusals in the error log: at most one line a second and zone, and the counts add up; levels; dry run.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');

$t->nginx_conf(<<'END');
gate_limit_zone $arg_k zone=a:1m quota=1/hour;
gate_limit_zone $arg_k zone=b:1m quota=1/hour;
gate_limit_zone $arg_k zone=quiet:1m quota=1/hour;
gate_limit_zone $arg_k zone=slow:1m rate=1r/m;
gate_limit_zone $arg_k zone=tiny:64k quota=1/hour full=refuse;
keepalive_requests 1000000;
server {
    listen 127.0.0.1:%%PORT%%;
    location = /a { gate_limit zone=a; empty_gif; }
    location = /b { gate_limit zone=b; gate_limit_log_level warn; empty_gif; }
    location = /quiet { gate_limit zone=quiet; gate_limit_log_level info; gate_limit_dry_run on; empty_gif; }
    location = /slow { gate_limit zone=slow burst=9; gate_limit_log_level notice; gate_limit_dry_run on; empty_gif; }
    location = /tiny { gate_limit zone=tiny; empty_gif; }
}
END
$t->start_nginx;

# Refusals as the log tells them: {zone => how many}, and the lines themselves.
sub told () {
    my (%told, @lines);
    for my $line (grep { /limiting requests/ } split /\n/, $t->log_text('error.log')) {
        my ($zone) = $line =~ /zone "(\w+)"/;
        my $first = $line =~ /is used up/ ? 1 : 0;
        my $more = $line =~ /, (\d+) more / ? $1 : 0;
        $told{$zone} += $first + $more;
        push @lines, $line;
    }
    return (\%told, \@lines);
}

my %refused;
sub ask ($path, $count) {
    my $http = $t->http(0, keepalive => 1);
    for (1 .. $count) {
        ++$refused{$path} if $http->get("/$path?k=x")->{status} == 429;
    }
    return;
}

my $begin = now();
for my $round (1 .. 4) {
    ask('a', 100 * $round);
    ask('b', 50);
    ask('quiet', 20);
    my $next = $begin + 0.7 * $round;
    wait_for(sub { now() >= $next }, 10, 'moment');
}
my $refused_quiet = 4 * 20 - 1;
wait_for(sub { my ($told) = told(); $told->{a} == $refused{a} && $told->{b} == $refused{b} && $told->{quiet} == $refused_quiet }, 10,
    'lines that tell of all');
my $seconds = now() - $begin;
my (undef, $lines) = told();
pass "each refusal is told of: $refused{a}, $refused{b} and $refused_quiet";
for my $zone (qw(a b quiet)) {
    my @of_zone = grep { /zone "$zone"/ } @$lines;
    cmp_ok scalar @of_zone, '<=', $seconds + 1, sprintf 'zone %s: %d lines in %.1f s', $zone, scalar @of_zone, $seconds;
    my $level = {a => 'error', b => 'warn', quiet => 'info'}->{$zone};
    is scalar(grep { !/ \[$level\] / } @of_zone), 0, "zone $zone: all at level $level";
    my $dry = grep { /limiting requests, dry run, / } @of_zone;
    is $dry, $zone eq 'quiet' ? @of_zone : 0, "zone $zone: dry run or not";
}
like $lines->[0],
    qr{limiting requests, "1/hour" is used up in zone "a", client: 127\.0\.0\.1, server: , request: "GET /a\?k=x HTTP/1\.1", host: "localhost"$},
    'the first line, with what nginx tells of each request';

subtest 'delays' => sub {
    $t->get('/slow?k=x') for 1 .. 4;
    my @lines = grep { /delaying request/ } split /\n/, $t->log_text('error.log');
    is scalar @lines, 1, 'one line';
    like $lines[0], qr/ \[info\] .*delaying request, dry run, by \d+ ms, by zone "slow"/, 'one level lower than a refusal';
};

subtest 'a zone that is full' => sub {
    my $http = $t->http(0, keepalive => 1);
    my ($full, $n) = (undef, 0);
    ++$n while ($full = $http->get("/tiny?k=$n"))->{status} == 200;
    cmp_ok $n, '>', 1000, "$n keys fit into 64k";
    like $full->{body}, qr/too many clients at once/i, 'the problem says so';
    is $t->get('/tiny?k=')->{status}, 200, 'an empty key needs no room';
    like((told())[1][-1], qr/zone "tiny": the zone is full/, 'and the log');
};

subtest 'more zones than metrics have room for' => sub {
    my $many = Gatehouse->new;
    $many->nginx_conf(join '', (map { "gate_limit_zone \$arg_k zone=limit$_:64k rate=1r/s; gate_conn_zone \$arg_k zone=cap$_:64k;\n" } 1 .. 270),
        'server { listen 127.0.0.1:%%PORT%%; }');
    for my $start (1, 2) {
        $start == 1 ? $many->start_nginx : $many->reload_nginx;
        my @lines = grep { /no room for the metrics/ } split /\n/, $many->log_text('error.log');
        is scalar @lines, 2 * $start, 'one line for each kind' or diag join "\n", @lines;
        like $lines[0], qr/\[warn\] .*there is no room for the metrics of one more limit zone: "limit256" and those after it count as "other"/;
    }
    $many->finish;
};

ask('b', 30);
my $end = $refused{b};
$t->stop_nginx;
is((told())[0]{b}, $end, 'the last ones are told of at the end of the worker');
$t->done;
