#!/usr/bin/perl
# Workers that share a zone admit together what it says, exactly: under load, over kill -9, with and without a master.
use v5.36;
use lib 't/lib';
use POSIX ();
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'module is not built' if !$t->built('module');

my $quota = 3000;
my $conf = <<"END";
gate_limit_zone \$arg_k zone=fixed:1m quota=$quota/hour window=fixed;
gate_limit_zone \$arg_k zone=gcra:1m quota="$quota/10days; 100000/20days";
gate_limit_zone \$arg_k zone=sliding:1m quota=$quota/300days window=sliding;
gate_limit_zone \$arg_k zone=rate:1m rate=1r/m;
log_format verdicts '\$pid|\$uri|\$arg_k|\$gate_limit_status|\$msec';
access_log logs/verdicts.log verdicts;
keepalive_requests 100; error_log logs/error.log error;
server {
    listen 127.0.0.1:%%PORT%%; add_header ETag '"gif"';
    location = /fixed { gate_limit zone=fixed; empty_gif; }
    location = /gcra { gate_limit zone=gcra; empty_gif; }
    location = /sliding { gate_limit zone=sliding; empty_gif; }
    location = /rate { gate_limit zone=rate burst=2999 nodelay; empty_gif; }
    location = /mixed { gate_limit zone=fixed; gate_limit zone=gcra; gate_limit zone=rate burst=2999 nodelay; empty_gif; }
}
END
my @paths = qw(/fixed /gcra /sliding /rate /mixed);
# Workers' clocks are a millisecond apart. A rate counts in thousandths of a request, as limit_req does, and rounds
# up when the clock steps back: it may be so much stricter, and never laxer.
my %slack = map { $_ => /rate|mixed/ ? $quota / 1000 : 0 } @paths;
my $accept = sub ($r) { $r->{status} == 200 || $r->{status} == 429 ? undef : "status $r->{status}" };

# No window ends and nothing is refilled while this runs: at most $quota may pass.
sub hammer ($path, $key, $requests) {
    my $load = $t->load(paths => ["$path?k=$key"], clients => 4, requests => $requests, accept => sub ($r) {
        return 'no field' if !defined $r->{header}{ratelimit};
        return $r->{status} == 200 ? 'passed' : undef });
    return $load->report;
}

sub passed ($report, $path, $what) {
    my $passed = $report->{statuses}{200};
    ok $passed <= $quota && $passed >= $quota - $slack{$path}, "$what: $passed passed";
    return;
}

$t->nginx_conf($conf);
$t->start_nginx;
for my $path (@paths) {
    my $report = hammer($path, "load$path", 1000);
    passed($report, $path, "$path: 4000 requests of 4 clients to 2 workers");
    is $report->{statuses}{200} + $report->{statuses}{429}, 4000, "$path: all others were refused";
}
my %workers = map { (split /\|/)[0] => 1 } split /\n/, $t->log_text('verdicts.log');
is scalar keys %workers, 2, 'both workers had their share';

subtest 'kill -9 under load' => sub {
    my $kills = $ENV{GATEHOUSE_LONG} ? 100 : 10;
    my @loads = map { $t->load(paths => ["$_?k=killed"], clients => 1, accept => $accept) } @paths, '/fixed';
    for my $kill (1 .. $kills) {
        my $served = () = $t->log_text('verdicts.log') =~ /\n/g;
        $t->kill_worker(($t->nginx_workers)[$kill % 2]);
        wait_for(sub { (() = $t->log_text('verdicts.log') =~ /\n/g) > $served + 50 }, 20, 'requests after a kill');
    }
    my %passed;
    for my $load (@loads) {
        my $report = $load->stop;
        $passed{$load->{paths}[0] =~ s/\?.*//r} += $report->{statuses}{200} // 0;
        cmp_ok $report->{failures}, '<=', $kills, "$load->{paths}[0]: of $report->{requests} at most those under way in a killed worker failed";
    }
    $passed{$_} += $passed{'/mixed'} for qw(/fixed /gcra /rate);
    # Until the quota is used up there are answers that were lost; none was admitted twice.
    for my $path (grep { $_ ne '/mixed' } @paths) {
        cmp_ok $passed{$path}, '<=', $quota, "$path: no more than $quota passed ($passed{$path})";
        my $rest = hammer($path, 'killed', 1000)->{statuses}{200} // 0;
        cmp_ok $passed{$path} + $rest, '<=', $quota, "$path: nor with what was left";
        # A request under way in a killed worker may have been charged in some zones, and its answer lost.
        cmp_ok $passed{$path} + $rest, '>=', $quota - 3 * $kills, "$path: and hardly less";
        passed(hammer($path, "another$path", 1000), $path, "$path: the zone is usable as before");
    }
};
$t->finish;

subtest 'without a master' => sub {
    my $single = Gatehouse->new(master => 0);
    $single->nginx_conf($conf);
    $single->start_nginx;
    my $report = $single->load(paths => ['/fixed?k=x', '/rate?k=x'], clients => 4, requests => 1600, accept => $accept)->report;
    is_deeply $report->{statuses}, {200 => 2 * $quota, 429 => 400}, 'exactly the quota, and the rate';
    is $report->{failures}, 0;
    is $single->stop_nginx, 'exit 0', 'and it ends';
    $single->finish;
};

done_testing;
