#!/usr/bin/perl
# The sidecar is stopped dead (SIGSTOP) while its socket still takes connections: workers serve on, new ones
# start with the last good board, and no request fails.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;
use Time::HiRes qw(time);

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->write_rows(1);
$t->scene_config(max_age => '2s', stale => '1h');
$t->nginx_conf('gate_link_timeout 2s; server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; root temp; } }');
$t->start_sidecar;
$t->start_nginx;
$t->wait_in_step;
$t->wait_for_board_file;
my $load = $t->load(paths => ['/api/rows', '/api/count'], clients => 2, keepalive => 0);

my $frozen = $t->log_end;
kill 'STOP', $t->sidecar_pid;
wait_for(sub { (() = substr($t->log_text('error.log'), $frozen) =~ /no heartbeat/g) >= 2 }, 10, 'word of both workers');
pass 'both workers say that there is no heartbeat';
my $response = $t->wait_for_answer('/api/rows', sub ($r) { (Gatehouse::Scene::ttl_of($r) // 0) < 0 });
is $response->{status}, 200, 'cards are served, marked stale';

# Workers that start now connect to a socket behind which nobody is.
my $before = time;
$t->reload_nginx;
cmp_ok time - $before, '<', 5 * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1), 'a reload waits for nobody for long';
my $slowest = 0;
for (1 .. 20) {
    my $asked = time;
    is $t->get('/api/rows')->{status}, 200, 'new workers have the last good board' if $_ % 5 == 0;
    $slowest = time - $asked if time - $asked > $slowest;
}
cmp_ok $slowest, '<', 1.5 * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1), sprintf 'the slowest answer took %.3f s', $slowest;
ok $t->kill_worker, 'a worker is killed';
is $t->get('/api/rows')->{status}, 200, 'and so has the one in its place';

# It wakes up, and finds connections that were given up long ago.
my $thawed = $t->log_end;
kill 'CONT', $t->sidecar_pid;
$t->wait_in_step($thawed);
$t->write_rows(2);
my $fresh = $t->wait_for_generation(2);
cmp_ok Gatehouse::Scene::ttl_of($fresh), '>=', 0, 'fresh again once it goes on';

my $report = $load->stop;
cmp_ok $report->{failures}, '<=', 2, "$report->{requests} requests: at most those under way in the killed worker failed";
is $report->{torn}, 0, 'none was torn';
is_deeply [keys %{$report->{statuses}}], [200], 'every answer was a 200';

$t->done;
