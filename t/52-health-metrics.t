#!/usr/bin/perl
# The metrics of health: the state that nginx is in, and what the sidecar has told of its checks.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Metrics qw(samples promtool openmetrics);

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

my $publisher = $t->start_publisher;
$publisher->health('health', ['state', 'degraded'],
    ['check', 'db', 'up', 'critical', 1500, 1_700_000_000_000], ['check', 'disk "/"', 'degraded', 'info', 2_250_000, 1_700_000_000_000],
    ['check', 'redis', 'down', 'degrading', 3_000_000, 1_700_000_000_000], ['check', 'later', 'unknown', 'info', 0, 0]);
$publisher->health('health.away', ['down_after', 300]);
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location = /metrics { gate_metrics; } }');
$t->start_nginx;

sub of_health ($text) {
    my $all = samples($text);
    return {map { /^gatehouse_(health_.*)/ ? ($1 => $all->{$_}) : () } keys %$all};
}
sub status_is ($state) {
    return map { (qq(health_status{state="$_"}) => $_ eq $state ? 1 : 0) } qw(unknown up degraded down);
}

my $text = $t->get('/metrics')->{body};
is promtool($t, $text), '', 'promtool check metrics finds nothing';
my ($count, $complaint) = openmetrics($t, $t->get('/metrics', Accept => 'application/openmetrics-text')->{body});
is $complaint, '', 'nor does a strict parser of OpenMetrics';
is_deeply of_health($text), {
    status_is('degraded'),
    'health_check_up{check="db"}' => 1, 'health_check_duration_seconds{check="db"}' => 0.0015,
    'health_check_up{check="disk \"/\""}' => 1, 'health_check_duration_seconds{check="disk \"/\""}' => 2.25,
    'health_check_up{check="redis"}' => 0, 'health_check_duration_seconds{check="redis"}' => 3,
    'health_check_up{check="later"}' => 0, 'health_check_duration_seconds{check="later"}' => 0,
}, 'states and durations as they were told';

$publisher->stop('KILL');
my $down = eval {
    wait_for(sub {
        my $now = of_health($t->get('/metrics')->{body});
        return $now->{'health_status{state="down"}'} == 1 && $now;
    }, 10, 'down');
};
is_deeply $down, {status_is('down')}, 'without the sidecar: down after its time, and nothing of checks that nobody runs';

$t->done;
