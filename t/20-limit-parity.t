#!/usr/bin/perl
# limit_req and gate_limit on one sequence of requests with random gaps: the same verdict on each, HTTP/2 too.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');

# In a dry run both are asked about each request at one and the same moment, and each keeps its own account.
my (@locations, $zones, $places);
for my $rate (qw(1r/s 10r/s 100r/s 1000r/s 30r/m 7r/s)) {
    for my $burst (
        '', 'burst=5', 'burst=20', 'burst=5 nodelay', 'burst=20 nodelay', 'burst=5 delay=2', 'burst=20 delay=19',
        'nodelay', 'delay=1', 'burst=3 delay=5') {
        my $n = @locations;
        push @locations, "$rate $burst";
        $zones .= "limit_req_zone \$arg_k zone=l$n:64k rate=$rate; gate_limit_zone \$arg_k zone=g$n:64k rate=$rate;\n";
        $places .= "location = /$n { limit_req zone=l$n $burst; gate_limit zone=g$n $burst; empty_gif; }\n";
    }
}
# Several zones in one location: the verdict is over all of them.
for my $pair (
    ['1r/s', 'burst=4 nodelay', '10r/s', 'burst=2'], ['10r/s', '', '100r/s', 'burst=9'],
    ['100r/s', 'burst=5 delay=2', '30r/m', 'burst=7 delay=1']) {
    my $n = @locations;
    push @locations, "two zones: @$pair";
    for my $i (0, 1) {
        my ($rate) = $pair->[2 * $i];
        $zones .= "limit_req_zone \$arg_k zone=l$n.$i:64k rate=$rate; gate_limit_zone \$arg_k zone=g$n.$i:64k rate=$rate;\n";
    }
    $places .= "location = /$n { " . join(' ', map { my $i = $_; map { "$_$n.$i $pair->[2 * $i + 1];" } 'limit_req zone=l', 'gate_limit zone=g' } 0, 1)
        . " empty_gif; }\n";
}

$t->nginx_conf(<<"END");
log_format verdicts '\$uri|\$arg_k|\$limit_req_status|\$gate_limit_status|\$msec';
access_log logs/verdicts.log verdicts;
limit_req_dry_run on;  limit_req_log_level info;
gate_limit_dry_run on; gate_limit_log_level info;
keepalive_requests 1000000; http2_max_concurrent_streams 200;
$zones
server { listen 127.0.0.1:%%PORT%%; $places location = /free { empty_gif; } }
server { listen 127.0.0.1:%%PORT1%% http2; $places }
END
$t->start_nginx;

my $seed = $ENV{GATEHOUSE_SEED} // time ^ $$;
srand $seed;
my $expected = send_with_gaps($ENV{GATEHOUSE_LONG} ? 600 : 60);
compare('HTTP/1.1', $expected);

SKIP: {
    skip 'no h2load', 1 if qx(which h2load) eq '';
    my $load = sub ($n, $requests) {
        system("h2load -n $requests -c 2 -m 20 'http://127.0.0.1:" . $t->port(1) . "/$n?k=h2' >/dev/null 2>&1") == 0
            or fail("h2load of $locations[$n]");
        $expected += $requests;
    };
    $load->($_, 50) for map { $_ * 7 % @locations } 0 .. 19;
    compare('and HTTP/2', $expected);
}

$t->get('/free');
my $last = wait_for(sub { (rows())[$expected] }, 10, 'the last line');
like $last, qr{^/free\|-\|-\|-\|}, 'no status where no limit applies';
$t->done;

# Rounds of pipelined requests to random locations and keys, and a random gap between two rounds: most of them
# short, some longer than a request of the slower rates takes to come back.
sub send_with_gaps ($rounds) {
    my $http = $t->http(0, keepalive => 1);
    my $sent = 0;
    for (1 .. $rounds) {
        my @paths = map {
            my $path = "/$_?k=" . (qw(a b), '')[rand 2.2];
            ($path) x int rand 5;
        } grep { rand() < 0.6 } 0 .. $#locations;
        next if !@paths;
        $http->connect if !$http->{socket};
        $http->send(join '', map { $http->format({path => $_}) } @paths);
        $http->read_response for @paths;
        $sent += @paths;
        select undef, undef, undef, rand() ** 4;
    }
    return $sent;
}

sub rows () { return split /\n/, $t->log_text('verdicts.log') }

sub compare ($what, $count) {
    my @rows = wait_for(sub { my @rows = rows(); @rows >= $count && \@rows }, 20, "$count log lines")->@*;
    my (%seen, @different);
    for (@rows) {
        my ($uri, $key, $theirs, $ours, $msec) = split /\|/;
        ++$seen{$theirs};
        push @different, "$msec $locations[substr $uri, 1], key $key: limit_req $theirs, gate_limit $ours" if $theirs ne $ours;
    }
    is scalar @different, 0, "$what: $count requests, each with limit_req's verdict"
        or diag join "\n", "GATEHOUSE_SEED=$seed", @different[0 .. ($#different < 20 ? $#different : 20)];
    cmp_ok $seen{$_} // 0, '>', 20, "among them $_: " . ($seen{$_} // 0) for qw(PASSED DELAYED_DRY_RUN REJECTED_DRY_RUN -);
    return;
}
