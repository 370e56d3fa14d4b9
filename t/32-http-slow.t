#!/usr/bin/perl
# Sources of kind http whose apps trickle, with their default timeouts: the others keep their schedule.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::JsonApp;
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
my $app = Gatehouse::JsonApp->start($t->port(1), $t->dir('app'));

my @slow = map { "slow$_" } 1 .. 8;
$app->serve(good => '[{"n":1}]');
$app->raw($_, "HTTP/1.1 200 OK\r\n\r\n[", 'trickle') for @slow;
my %http = (kind => 'http', allow_private => JSON::PP::true, every => '200ms');
$t->sidecar_config({
    sources => {map { $_ => {%http, url => $app->url($_)} } @slow, 'good'},
    cards => {good => {path => '/good', sql => 'select n from good'}}});
$t->start_sidecar;

ok eval { wait_for(sub { 8 == grep { $app->asked($_) } @slow }, 20, 'fetches of all slow ones') }, 'eight apps trickle at once';
my $before = () = $app->asked('good');
ok eval { wait_for(sub { my $now = () = $app->asked('good'); $now >= $before + 20 }, 15, 'fetches of the good one') },
    'a good one is fetched twenty times meanwhile';
$t->stop_sidecar;
$t->done;
