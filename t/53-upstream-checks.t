#!/usr/bin/perl
# gate_check with the sidecar: peers that fail, hang, reset, answer slowly, flap, die; each passed by once it is known, and back.

use v5.36;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Gatehouse;
use Gatehouse::Metrics qw(samples);
use Gatehouse::MoodyPeer;

my $t = Gatehouse->new(ports => 4, workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my @peer = map { Gatehouse::MoodyPeer->start($t->port($_)) } 1 .. 3;
my @name = map { '127.0.0.1:' . $_->port } @peer;
$t->sidecar_config({});
$t->start_sidecar;
$t->nginx_conf(<<"END");
upstream app {
    zone app 64k;
    server $name[0] max_fails=0;
    server $name[1] max_fails=0;
    server $name[2] down;
    gate_check uri=/health interval=200ms timeout=2s fails=2 passes=2;
}
upstream lone { zone lone 64k; server $name[0] max_fails=0; gate_check uri=/health/lone interval=200ms timeout=2s status=200 critical; }
upstream socket { zone socket 64k; server unix:%%DIR%%/app.sock; server unix:%%DIR%%/none.sock max_fails=0; gate_check uri=/health interval=200ms; }
server { listen unix:%%DIR%%/app.sock; location = /health { return 204; } location / { return 200 \$host; } }
proxy_next_upstream off;
proxy_read_timeout 3s;
server {
    listen 127.0.0.1:%%PORT%%;
    location / { proxy_pass http://app; }
    location /lone { proxy_pass http://lone; }
    location /socket { proxy_pass http://socket; }
    location = /upstreams { gate_upstreams; }
    location = /metrics { gate_metrics; }
    location = /ready { gate_health ready; }
}
END
$t->start_nginx;

my $last;
sub peer_of ($upstream, $peer) {
    $last = JSON::PP::decode_json($t->get('/upstreams')->{body})->{upstreams}{$upstream}{peers};
    return (grep { $_->{peer} eq $peer } @$last)[0];
}
# As every worker tells it. A machine that is busy makes other checks than those that are meant to fail too slow: their reason
# is one of a moment.
sub wait_for_state ($peer, $state, $upstream = 'app', $reason = qr//) {
    my $is_so = sub ($row) { $row->{state} eq $state && ($row->{reason} // '') =~ $reason };
    my $seen = eval { wait_for(sub { !grep { !$is_so->(peer_of($upstream, $peer)) } 1 .. 8 }, 20, $state) };
    ok($seen, "$peer: $state, $reason") or diag explain $last;
    return peer_of($upstream, $peer);
}
sub none_fails ($what) {
    my %status;
    ++$status{$t->get("/?$_")->{status}} for 1 .. 40;
    is_deeply \%status, {200 => 40}, "$what: of 40 requests none fails" or diag explain \%status;
}

wait_for_state($_, 'up') for @name[0, 1];
wait_for_state("unix:$t->{dir}/app.sock", 'up', 'socket');
like wait_for_state("unix:$t->{dir}/none.sock", 'down', 'socket')->{reason}, qr/connect/i, 'Unix sockets are asked, too';
is_deeply [map { $t->get('/socket')->{body} } 1 .. 4], [('socket') x 4], 'and passed by';
is peer_of('app', $name[2])->{reason}, 'down in the configuration', 'what is down in the configuration is not asked';
is $peer[2]->checked, 0, 'really not';
my $checked = $peer[0]->checked;
ok eval { wait_for(sub { $peer[0]->checked >= $checked + 4 }, 10, 'checks') }, 'it is asked again and again';

my %reason = (
    fails => qr/^the answer has the status 500$/, hangs => qr/^timeout|timed? ?out/i, slow => qr/^timeout|timed? ?out/i,
    resets => qr/\w/, talks => qr/^the answer has more than 65536 bytes$/);
for my $mood (qw(fails hangs resets slow talks)) {
    $peer[0]->mood($mood);
    wait_for_state($name[0], 'down', 'app', $reason{$mood});
    my $asked = $peer[0]->asked;
    none_fails($mood);
    is $peer[0]->asked, $asked, 'none comes to it';
    $peer[0]->mood('well');
    wait_for_state($name[0], 'up');
}
wait_for_state($name[0], 'up', 'lone');
$peer[0]->mood('redirects');
my $more = $peer[0]->checked;
wait_for(sub { $peer[0]->checked >= $more + 4 }, 10, 'checks');
is peer_of('app', $name[0])->{state}, 'up', 'a redirect is in status=200-399, and is not followed';
wait_for_state($name[0], 'down', 'lone', qr/^the answer has the status 302$/);
ok eval { $t->wait_for_answer('/ready', 503) }, 'all peers of a critical upstream are down: not ready';
my $metrics = samples($t->get('/metrics')->{body});
is $metrics->{'gatehouse_health_check_up{check="upstream:lone"}'}, 0, 'it is a check of health';
is $metrics->{'gatehouse_health_check_up{check="upstream:app"}'}, 1, 'and so is the other';
is $metrics->{qq(gatehouse_upstream_peer_up{upstream="lone",peer="$name[0]"})}, 0, 'the peer has a metric of its own';
$peer[0]->mood('well');
wait_for_state($name[0], 'up', 'lone');
ok eval { $t->wait_for_answer('/ready', 200) }, 'ready again';

# --- flapping: every third check fails, never two in a row ---
sub downs () { return scalar(() = $t->log_text('sidecar.log') =~ /peer down/g) }
my $downs = downs();
$peer[0]->mood('flaps');
my $then = $peer[0]->checked;
wait_for(sub { $peer[0]->checked >= $then + 20 }, 20, 'twenty checks');
$peer[0]->mood('well');
is downs(), $downs, 'one bad check among good ones is none';

# --- dies, and comes back ---
my $port = $peer[0]->port;
undef $peer[0];
my $row = wait_for_state($name[0], 'down');
like $row->{reason}, qr/connect/i, "dead: $row->{reason}";
none_fails('dead');

# --- the sidecar is killed: what is known stays; another one begins where it was ---
$t->kill_sidecar('KILL');
none_fails('without the sidecar');
$t->reload_nginx;
none_fails('after a reload without the sidecar');
$t->start_sidecar;
$t->wait_in_step;
none_fails('with another sidecar');
wait_for_state($name[0], 'down');
$t->reload_nginx;
none_fails('after a reload');

# --- all are down: none is taken out ---
$peer[1]->mood('fails');
wait_for_state($name[1], 'down');
my %status;
++$status{$t->get("/?$_")->{status}} for 1 .. 10;
is_deeply \%status, {500 => 5, 502 => 5}, 'both get their requests' or diag explain \%status;
$peer[0] = Gatehouse::MoodyPeer->start($port);
wait_for_state($name[0], 'up');
none_fails('one is back');
is $t->get('/lone')->{status}, 200, 'and where it is the only one, too';

# --- a peer that is new with a reload, one that is gone ---
my $conf = read_file($t->dir('nginx.conf'));
$t->write_file('nginx.conf', $conf =~ s/server \Q$name[2]\E down;/server $name[2];/r =~ s/server \Q$name[1]\E max_fails=0;//r);
$t->reload_nginx;
wait_for_state($name[2], 'up');
cmp_ok $peer[2]->checked, '>', 0, 'the new one is asked';
wait_for(sub { my $c = $peer[1]->checked; my $n = $peer[2]->checked; wait_for(sub { $peer[2]->checked >= $n + 3 }, 10, 'checks'); $peer[1]->checked == $c },
    10, 'the end of checks of who is gone');
pass 'who is gone is asked no more';

$t->done;
