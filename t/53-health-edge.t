#!/usr/bin/perl
# Checks of kind edge: workers that are there, that hang, and that go on.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 1, workers => 2);
plan skip_all => 'needs the module, gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');
$t->sidecar_config({checks => {edge => {kind => 'edge', min_workers => 2, interval => '1s', severity => 'critical'}}});
$t->start_sidecar;
$t->nginx_conf("server { listen 127.0.0.1:%%PORT%%; location = /ready { gate_health ready; } }\n");
$t->start_nginx;

sub edge () { return decode_json(($t->ctl('-o', 'json', 'health', 'edge'))[1])->{checks}[0] }
sub is_soon ($state, $what) {
    my $edge;
    ok(eval { wait_for(sub { $edge = edge(); $edge->{state} eq $state }, 20, $state) }, $what) or diag explain $edge;
    return $edge;
}
is is_soon('up', 'two workers')->{value}, 2, 'both are counted';

my @workers = $t->nginx_workers;
kill 'STOP', @workers;
my $edge = is_soon('down', 'workers that hang keep their connections, and do not count');
like $edge->{message}, qr/^0 workers of nginx are connected, less than 2; 2 more have not heard a heartbeat for 5s/, 'it says so';
kill 'CONT', @workers;
is is_soon('up', 'they go on')->{value}, 2, 'and are counted again';
ok eval { $t->wait_for_answer('/ready', 200) }, 'ready';

$t->done;
