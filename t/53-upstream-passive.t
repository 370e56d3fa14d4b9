#!/usr/bin/perl
# gate_check beside nginx's own max_fails: a peer whose checks pass and whose requests fail is up, counted, passed by, and back.

use v5.36;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Gatehouse;
use Gatehouse::Metrics qw(samples promtool);
use Gatehouse::MoodyPeer;

my $t = Gatehouse->new(ports => 3, workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my @peer = map { Gatehouse::MoodyPeer->start($t->port($_)) } 1 .. 2;
my @name = map { '127.0.0.1:' . $_->port } @peer;
$t->sidecar_config({});
$t->start_sidecar;
my $check = 'gate_check uri=/health interval=200ms fails=1 passes=1;';
$t->nginx_conf(<<"END");
upstream app { zone app 64k; server $name[0] max_fails=1 fail_timeout=1000s; server $name[1]; $check }
upstream soon { zone soon 64k; server $name[0] max_fails=1 fail_timeout=1s; server $name[1]; $check }
upstream twice { zone twice 64k; server $name[0] max_fails=5; server $name[0] max_fails=5; server $name[1]; $check }
proxy_next_upstream error timeout http_500;
server {
    listen 127.0.0.1:%%PORT%%;
    location /app { proxy_pass http://app; }
    location /soon { proxy_pass http://soon; }
    location /twice { proxy_pass http://twice; }
    location = /upstreams { gate_upstreams; }
    location = /metrics { gate_metrics; }
}
END
$t->start_nginx;

sub peers_of ($upstream) { return JSON::PP::decode_json($t->get('/upstreams')->{body})->{upstreams}{$upstream}{peers} }
sub fails ($upstream, $peer = 0) { return samples($t->get('/metrics')->{body})->{qq(gatehouse_upstream_peer_fails{upstream="$upstream",peer="$name[$peer]"})} }
sub statuses ($path, $count) {
    my %status;
    ++$status{$t->get($path)->{status}} for 1 .. $count;
    return \%status;
}
for my $upstream (qw(app soon twice)) {
    wait_for(sub { !grep { $_->{state} ne 'up' } map { @{peers_of($upstream)} } 1 .. 8 }, 20, "all peers of $upstream");
}
is_deeply [map { $_->{fails} } @{peers_of('app')}], [0, 0], 'nothing has failed';
is fails('app'), 0, 'nor does a metric say so';

# --- checks pass, requests fail ---
$peer[0]->mood('lies');
is_deeply statuses('/app', 20), {200 => 20}, 'what fails there is asked elsewhere: of 20 requests none fails';
is $peer[0]->asked, 1, 'after one it is asked no more, in either worker';
my ($row) = @{peers_of('app')};
is_deeply [@$row{qw(state fails reason)}], ['up', 1, undef], 'it is up by its checks, and its failure is counted';
ok $row->{in}, 'nobody has taken it out';
is fails('app'), 1, 'the metric counts it';
is fails('app', 1), 0, 'and none of the other';
is promtool($t, $t->get('/metrics')->{body}), '', 'promtool finds nothing';

# --- checks that go on passing change nothing of that ---
my $checked = $peer[0]->checked;
wait_for(sub { $peer[0]->checked >= $checked + 9 }, 20, 'three more checks of each upstream');
is_deeply statuses('/app', 20), {200 => 20}, 'passed by after them, too';
is $peer[0]->asked, 1, 'really';

# --- an address that stands there twice ---
is_deeply statuses('/twice', 12), {200 => 12}, 'twice: of 12 requests none fails';
my @fails = map { $_->{fails} } @{peers_of('twice')};
cmp_ok $fails[0] + $fails[1], '>=', 2, 'each of the two has failures';
is fails('twice'), $fails[0] + $fails[1], 'and the metric has their sum';

# --- back by nginx's fail_timeout, with no word of the checks ---
is_deeply statuses('/soon', 4), {200 => 4}, 'soon: passed by';
cmp_ok fails('soon'), '>=', 1, 'counted';
$peer[0]->mood('well');
my $port = $peer[0]->port;
ok eval { wait_for(sub { $t->get('/soon')->{body} eq $port }, 10, 'the peer') }, 'after its fail_timeout it is asked again';
ok eval { wait_for(sub { $t->get('/soon'); fails('soon') == 0 }, 10, 'no fails') }, 'and nothing is counted against it any more';

# --- both at once: what the checks take out stays out, whatever nginx counts ---
$peer[0]->mood('fails');
wait_for(sub { !grep { $_->{state} ne 'down' } map { peers_of('soon')->[0] } 1 .. 8 }, 20, 'down by its checks');
my $asked = $peer[0]->asked;
is_deeply statuses('/soon', 20), {200 => 20}, 'down by its checks: of 20 requests none fails';
is $peer[0]->asked, $asked, 'none comes to it';

$t->done;
