#!/usr/bin/perl
# What nginx says while critical checks are on their way: at a first start, at a restart, and at reloads.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 1, workers => 1);
plan skip_all => 'needs the module, gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');

# A check that ends once its file is there.
sub gated ($name, %more) {
    return {kind => 'exec', command => ['/bin/sh', '-c', "until test -e '" . $t->dir($name) . "'; do sleep 0.05; done"], severity => 'critical', timeout => '60s', interval => '1s', %more};
}
sub let ($name) { $t->write_file($name, ''); return }
sub hold ($name) { unlink $t->dir($name); return }
sub configure (%checks) { $t->sidecar_config({checks => \%checks, health => {allow_exec => JSON::PP::true}}); return }
sub ready () { my $response = $t->get('/ready'); return "$response->{status} $response->{body}" }
sub check ($name) { return (grep { $_->{name} eq $name } @{decode_json(($t->ctl('-o', 'json', 'health'))[1])->{checks}})[0] }

configure(app => gated('app'));
$t->start_sidecar;
$t->nginx_conf("server { listen 127.0.0.1:%%PORT%%; location = /ready { gate_health ready; } }\n");
$t->start_nginx;
my $up = '200 {"status":"up","message":null}';
sub is_up_soon ($what) { return ok(eval { wait_for(sub { ready() eq $up }, 20, 'up') }, $what) || diag ready() }

# --- the first start ---
ok eval { $t->wait_for_answer('/ready', 503) }, 'not ready before it is known' or diag ready();
like ready(), qr/app: not run yet/, 'it says so';
let('app');
is_up_soon('then it is known');

# --- a reload by which only limits change ---
my $since = check('app')->{since};
hold('app');
my $limits = gated('app', fails => 3, timeout => '50s');
configure(app => $limits);
$t->reload_sidecar;
is ready(), $up, 'other limits: it stays what it was';
is check('app')->{since}, $since, 'since when it was';
let('app');

# --- a reload with one more critical check ---
configure(app => $limits, more => gated('more'));
$t->reload_sidecar;
is check('more')->{state}, 'unknown', 'a new check has not run yet';
is ready(), $up, 'and does not count yet';
let('more');
ok eval { wait_for(sub { check('more')->{state} eq 'up' }, 20, 'more') }, 'until it has';
is_up_soon('all are up');

# --- a restart ---
my $end = $t->log_end;
$t->stop_sidecar;
hold('app');
$t->start_sidecar;
$t->wait_in_step($end);
ok eval { wait_for(sub { check('more')->{state} eq 'up' }, 20, 'more') }, 'after a restart one check has run';
is check('app')->{state}, 'unknown', 'another has not';
like ready(), qr/^200 .*"degraded".*app: not run yet/, 'and all is degraded, as it was without the sidecar';
let('app');
is_up_soon('it is up');
is scalar(() = $t->log_text('sidecar.log') =~ /"health changed","state":"down"/g), 1, 'it was down before all was known alone';

$t->done;
