#!/usr/bin/perl
# A peer that is down stays out for the minute after the loss of the sidecar, and is in again then. Takes a minute.

use v5.36;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Gatehouse;
use Gatehouse::UpstreamsTable qw(upstreams_table);

my $t = Gatehouse->new(workers => 1);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

$t->nginx_conf(<<'END');
upstream app { zone app 64k; server 127.0.0.1:1; server 127.0.0.1:2; gate_check uri=/health; }
server {
    listen 127.0.0.1:%%PORT%%;
    location = /upstreams { gate_upstreams; }
    location = /detailed { gate_health detailed; }
}
END
sub first_peer () { return JSON::PP::decode_json($t->get('/upstreams')->{body})->{upstreams}{app}{peers}[0] }
sub since () { return JSON::PP::decode_json($t->get('/detailed')->{body})->{nginx}{sidecar}{since_seconds} }

# Its first cards are not all there when it ends: what it knows of peers counts as ever.
my $publisher = $t->start_publisher;
$publisher->command('sync', 'off');
$t->start_nginx;
$publisher->wait_for_event(qr/^hello /);
$publisher->table('upstreams', upstreams_table(['app', '127.0.0.1:1', 'down'], ['app', '127.0.0.1:2', 'up']));
ok eval { wait_for(sub { !first_peer()->{in} }, 10) }, 'a peer that is down is out';
ok eval { wait_for(sub { since() > 8 }, 30) }, 'the sidecar is there for a while';
my $killed = now();
$publisher->stop('KILL');
ok eval { wait_for(sub { first_peer()->{in} }, 90) }, 'after its loss the peer comes in again';
my $after = now() - $killed;
cmp_ok $after, '>=', 59.5, sprintf('a minute later (%.1f s)', $after);
is first_peer()->{state}, 'unknown', 'as one of whom nothing is known';

$t->done;
