#!/usr/bin/perl
# nginx and the sidecar start, stop and start again in any order.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new(ports => 2, workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->write_rows(1);
$t->scene_config(max_age => '30s');
# A miss goes on to the application.
$t->nginx_conf(<<'END');
    server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; proxy_pass http://127.0.0.1:%%PORT1%%; } }
    server { listen 127.0.0.1:%%PORT1%%; location / { return 200 "from the application"; } }
END

# --- nginx first ---
$t->start_nginx;
my $miss = $t->get('/api/rows');
is $miss->{body}, 'from the application', 'nginx alone: a miss falls through';
is $miss->{header}{'cache-status'}, 'gatehouse; fwd=uri-miss', 'and says so';

my $started = now();
$t->start_sidecar;
my $first = $t->wait_for_answer('/api/rows', sub ($r) { $r->{body} =~ /generation/ });
cmp_ok now() - $started, '<', 5 * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1), 'the cards are there soon after the sidecar';
is $first->{status}, 200, 'nginx first, then the sidecar';
is $t->get('/elsewhere')->{body}, 'from the application', 'other paths fall through';

# --- a second sidecar in the same place ---
my ($exit, $out, $err) = $t->run_sidecar;
isnt $exit, 0, 'a second sidecar does not start';
like $out . $err, qr/another process listens on it/, 'and says why';
ok $t->{sidecar}->running && unix_listening($t->link_path), 'the first one runs on';

# --- the sidecar is restarted under load: nobody notices ---
$t->wait_in_step;
my $load = $t->load(paths => ['/api/rows', '/api/count'], clients => 2);
my ($seen) = $t->get('/api/rows');
for my $signal (qw(TERM QUIT INT KILL)) {
    my $ended = $t->kill_sidecar($signal);
    is $ended, $signal eq 'KILL' ? 'signal 9' : 'exit 0', "the sidecar ends by $signal";
    ok !unix_listening($t->link_path), 'and no longer listens';
    my $before = $t->log_end;
    $t->start_sidecar;
    $t->wait_in_step($before);
}
my $after = $t->wait_for_answer('/api/rows', sub ($r) { ($r->{header}{etag} // '') eq $seen->{header}{etag} });
is $after->{header}{etag}, $seen->{header}{etag}, 'same data, same ETag after restarts';
is $after->{header}{'last-modified'}, $seen->{header}{'last-modified'}, 'same Last-Modified';
$t->write_rows(2);
$t->wait_for_generation(2);
$t->load_ok($load->stop, 'four restarts of the sidecar');

# --- a card that is no longer configured when the sidecar comes back ---
$t->kill_sidecar('TERM');
$t->sidecar_config({
    sources => {data => {kind => 'csv', path => '%%DIR%%/data.csv'}},
    cards => {rows => {path => '/api/rows', sql => 'select * from data', max_age => '30s'}},
});
is $t->get('/api/count')->{status}, 200, 'it is served as long as the sidecar is away';
$t->start_sidecar;
$t->wait_for_answer('/api/count', sub ($r) { $r->{body} eq 'from the application' });
is $t->get('/api/rows')->{status}, 200, 'the one that stays is served all along';

# --- the sidecar first ---
is $t->stop_nginx, 'exit 0', 'nginx ends';
$t->start_nginx;
for my $n (1 .. 8) {
    my $response = $t->get('/api/rows');
    like $response->{body}, qr/"generation":\s*2/, "sidecar first: request $n after nginx's start is a hit";
}

# --- a board file that is in the way of nothing: both stop, nginx starts alone ---
$t->stop_nginx;
$t->kill_sidecar('TERM');
$t->start_nginx;
like $t->get('/api/rows')->{body}, qr/"generation":\s*2/, 'nginx alone again: the last good board';

$t->done;
