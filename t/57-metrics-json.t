#!/usr/bin/perl
# gate_metrics json in the forms of the guides: counters and histograms by name, and a few figures, of real requests.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Metrics qw(samples);
use Gatehouse::Upstream;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(workers => 2, ports => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my $app = Gatehouse::Upstream->start($t->port(1));
$t->write_file('data.csv', "a\n1\n");
$t->sidecar_config({
    sources => {d => {kind => 'csv', path => '%%DIR%%/data.csv'}},
    cards => {
        one => {path => '/cards/one', sql => 'select * from d'},
        asked => {path => '/cards/asked/{n}', sql => 'select $n as n', params => {n => 'integer'}}}});
$t->start_sidecar;
$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location /cards/ { gate_board on; gate_compute @compute; gate_route cards; }
    location @compute { gate_route computed; proxy_pass http://unix:%%API%%:; }
    location = /tab { gate_route render_tab; return 200 tab; }
    location = /never { gate_route never; return 200; }
    location = /broken { gate_route broken; return 500; }
    location = /ws { gate_route live; proxy_pass http://127.0.0.1:%%PORT1%%; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }
    location = /hold { gate_route held; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /metrics { gate_metrics json; }
    location = /callbacks { gate_metrics json histogram=callback_duration_seconds label=callback; }
    location = /prometheus { gate_metrics prometheus; }
}
END
$t->start_nginx;
$t->wait_in_step;
sub json ($path = '/metrics') { return decode_json($t->get($path)->{body}) }

# --- nothing yet ---
my $start = json();
is_deeply [sort keys %$start], [sort qw(counters gauges histograms active_connections cache_hit_rate response_time_avg error_rate)], 'its members';
is "$start->{counters}{cache_hits} $start->{counters}{cache_misses}", '0 0', 'nothing was hit or missed';
is $start->{cache_hit_rate}, undef, 'there is no share of nothing';
is_deeply $start->{histograms}{'http_request_duration_seconds{endpoint=never}'}, {count => 0, sum => 0, min => undef, max => undef, avg => undef},
    'of an endpoint that nobody asked for there are no extremes';

# --- some requests, one of which takes a known time ---
$t->get('/tab') for 1 .. 99;
$t->get('/broken');
$t->get('/cards/one') for 1 .. 42;
is $t->get("/cards/asked/$_")->{status}, 200, "what is asked for the first time: $_" for 1 .. 4;
my $from = now();
my $pid = fork // die;
if ($pid == 0) { $t->get('/hold'); require POSIX; POSIX::_exit(0) }
$app->wait_for_active(1);
my $active = now();
wait_for(sub { now() - $active > 0.3 }, 5, 'some time');
$app->release;
waitpid $pid, 0;
my $longest = now() - $from;

my $callbacks;
wait_for(sub { ($callbacks = json('/callbacks'))->{histograms}{'callback_duration_seconds{callback=held}'}{count} == 1 }, 10, 'the end of all');
my $tab = $callbacks->{histograms}{'callback_duration_seconds{callback=render_tab}'};
is $tab->{count}, 99, 'the form of the first guide: callback_duration_seconds{callback=render_tab}';
is_deeply [sort keys %$tab], [sort qw(count sum min max avg)], 'with count, sum, min, max and avg';
cmp_ok abs($tab->{avg} - $tab->{sum} / 99), '<', 1e-6, 'the mean is what it must be';
cmp_ok $tab->{min}, '<=', $tab->{avg}, 'the least is not more';
cmp_ok $tab->{max}, '>=', $tab->{avg}, 'the most is not less';
cmp_ok $tab->{min}, '>', 0, 'and no request takes no time';
my $held = $callbacks->{histograms}{'callback_duration_seconds{callback=held}'};
is "$held->{min} $held->{max}", "$held->{sum} $held->{sum}", 'of one request all are the same: true values, no bounds of buckets';
cmp_ok $held->{max}, '>=', 0.29, 'as long as it was held';
cmp_ok $held->{max}, '<=', $longest, 'and no longer';
is "$callbacks->{counters}{cache_hits} $callbacks->{counters}{cache_misses}", '42 4', 'cache_hits and cache_misses';

# --- the flat form of the other guide is in it, too ---
my $flat = json();
cmp_ok abs($flat->{cache_hit_rate} - 42 / 46), '<', 1e-9, 'cache_hit_rate';
my $now = samples($t->get('/prometheus')->{body});
my ($all, $failed, $sum, $count) = (0) x 4;
for (keys %$now) {
    $all += $now->{$_} if /^http_requests_total/;
    $failed += $now->{$_} if /^http_requests_total.*status="5/;
    $sum += $now->{$_} if /^http_request_duration_seconds_sum/;
    $count += $now->{$_} if /^http_request_duration_seconds_count/;
}
$flat = json();  # one request more than Prometheus' text counted
cmp_ok abs($flat->{error_rate} - $failed / ($all + 1)), '<', 1e-9, 'error_rate: the share of 5xx';
cmp_ok abs($flat->{response_time_avg} - $sum / $count), '<', 0.05 * $sum / $count, 'response_time_avg in seconds';
is $flat->{active_connections}, 0, 'no WebSocket is open';
my $ws = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port, Timeout => 5) or die;
print {$ws} "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
ok wait_for(sub { json()->{active_connections} == 1 }, 10, 'a WebSocket'), 'one is';
close $ws;

# --- killed workers lose none of it ---
$t->reload_nginx;
is json('/callbacks')->{histograms}{'callback_duration_seconds{callback=render_tab}'}{max}, $tab->{max}, 'a reload keeps the extremes';

# --- configuration ---
for (['gate_metrics json histogram=', 'a name of letters'], ['gate_metrics json label=a{b', 'a name of letters'],
    ['gate_metrics prometheus label=a', 'are for "json" alone'], ['gate_metrics histogram=a json', 'it must be "prometheus"']) {
    my ($line, $why) = @$_;
    $t->nginx_conf("server { listen 127.0.0.1:%%PORT%%; location /m { \"$line\"; } }" =~ s/"gate_metrics (.*)"/join ' ', 'gate_metrics', map { qq("$_") } split ' ', $1/er);
    my ($exit, $said) = $t->nginx_test;
    isnt $exit, 0, "$line: refused";
    like $said, qr/\Q$why\E/, 'with a reason';
}
$t->done;
