#!/usr/bin/perl
# Requests failed because of a peer already known down: none, for every balancer, with keepalive, under load, while nginx
# reloads and the sidecar is killed and comes back.

use v5.36;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Gatehouse;
use Gatehouse::MoodyPeer;

my $t = Gatehouse->new(ports => 4, workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my @peer = map { Gatehouse::MoodyPeer->start($t->port($_)) } 1 .. 3;
my @name = map { '127.0.0.1:' . $_->port } @peer;
$_->mood('keeps') for @peer;
my %balancer = (
    rr => '', least => 'least_conn;', iphash => 'ip_hash;', hash => 'hash $arg_k;', consistent => 'hash $arg_k consistent;',
    random => 'random;', two => 'random two;');
my @upstreams = sort keys %balancer;
my $conf = join "\n", map { "upstream $_ { zone $_ 64k; $balancer{$_} " . join(' ', map { "server $_ max_fails=0;" } @name)
    . ' gate_check uri=/health interval=200ms timeout=2s fails=2 passes=2; keepalive 8; }' } @upstreams;
$conf .= <<'END';
proxy_next_upstream off;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_read_timeout 3s;
set_real_ip_from 127.0.0.1;
server {
    listen 127.0.0.1:%%PORT%%;
    keepalive_requests 1000000;
    location = /upstreams { gate_upstreams; }
END
$conf .= "    location /$_ { proxy_pass http://$_; }\n" for @upstreams;
$t->sidecar_config({});
$t->start_sidecar;
$t->nginx_conf("$conf}\n");
$t->start_nginx;

sub rows ($peer) {
    my $all = JSON::PP::decode_json($t->get('/upstreams')->{body})->{upstreams};
    return map { grep { $_->{peer} eq $name[$peer] } @{$all->{$_}{peers}} } @upstreams;
}
# In the eyes of both workers, and with no request of before left at it.
sub wait_for_state ($peer, $state) {
    my $there = eval { wait_for(sub { !grep { $_->{state} ne $state || $state eq 'down' && $_->{active} } map { rows($peer) } 1 .. 8 }, 20, $state) };
    return ok($there, "$state everywhere") || diag explain [rows($peer)];
}
my @paths = map { my $k = $_; map { "/$_?k=$k" } @upstreams } 1 .. 30;
# From four addresses, which ip_hash gives to all three peers.
sub load () { return [map { $t->load(paths => \@paths, clients => 1, headers => {'X-Real-IP' => "10.0.$_.1"}) } 1 .. 4] }
sub end_ok ($loads, $what) {
    $t->load_ok($_->stop, $what) for @$loads;
    return;
}
# As many requests as are in turn for every upstream and every key, in the middle of whatever goes on.
sub wait_for_requests ($count = 400) {
    my $asked = sub { my $sum = 0; $sum += $_->asked for @peer[1, 2]; return $sum };
    my $before = $asked->();
    return wait_for(sub { $asked->() >= $before + $count }, 60, "$count requests");
}

wait_for_state($_, 'up') for 0 .. 2;
my $load = load();
wait_for_requests();
end_ok($load, 'all are well');
cmp_ok $_->opened, '<', $_->asked / 2, 'connections are kept' for @peer;

for my $mood (qw(fails resets hangs)) {
    $peer[0]->mood($mood);
    wait_for_state(0, 'down');
    my $asked = $peer[0]->asked;
    $load = load();
    wait_for_requests();
    $t->reload_nginx;
    wait_for_requests();
    $t->kill_sidecar;
    $t->reload_nginx;
    wait_for_requests();
    my $end = $t->log_end;
    $t->start_sidecar;
    $t->wait_in_step($end);
    $t->reload_nginx;
    wait_for_requests();
    end_ok($load, "$mood: known down, three reloads, another sidecar");
    is $peer[0]->asked, $asked, "$mood: none came to it";

    $load = load();
    $peer[0]->mood('keeps');
    ok eval { wait_for(sub { $peer[0]->asked >= $asked + 50 }, 30, 'requests') }, 'back: it has its share again';
    end_ok($load, "$mood: back under load");
    wait_for_state(0, 'up');
}
$t->done;
