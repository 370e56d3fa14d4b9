#!/usr/bin/perl
# Metrics of cards and of the sidecar, and the workers' counters in the sidecar's hands.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Metrics qw(samples promtool);

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->write_file('data.csv', "a,b\n1,2\n");
$t->sidecar_config({
    sources => {d => {kind => 'csv', path => '%%DIR%%/data.csv'}},
    cards => {
        one => {path => '/one', sql => 'select * from d'},
        two => {path => '/two', sql => 'select a from d', max_age => '1s', refresh => '1h', stale => '1h'},
    }});
$t->start_sidecar;
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; gate_route cards; } location = /metrics { gate_metrics; } }');
$t->start_nginx;
$t->wait_in_step;

# The regions of telemetry that a process has mapped, as "permissions inode".
sub regions ($pid) {
    my %seen = map { /^\S+ (\S{4}) \S+ \S+ (\d+) .*memfd:gatehouse-telemetry/ ? ("$1 $2" => 1) : () }
        split /\n/, read_file("/proc/$pid/maps") // '';
    my @regions = sort keys %seen;
    return @regions;
}

my $now = samples($t->get('/metrics')->{body});
is $now->{qq(gatehouse_card_served_total{card="one",result="$_"})}, 0, "$_: at 0 from the start" for qw(hit stale not_modified miss);
is promtool($t, $t->get('/metrics')->{body}), '', 'promtool check metrics finds nothing';
is $now->{gatehouse_sidecar_up}, 1, 'the sidecar is up';
for my $card (qw(one two)) {
    my $published = $t->get("/$card");
    is $published->{status}, 200, "$card is served";
    cmp_ok $now->{qq(gatehouse_card_age_seconds{card="$card"})}, '<', 30, 'its age';
    cmp_ok $now->{qq(gatehouse_card_generation{card="$card"})}, '>', 0, 'its generation';
    cmp_ok $now->{qq(gatehouse_card_size_bytes{card="$card"})}, '>', length $published->{body}, 'its size';
}
wait_for(sub { samples($t->get('/metrics')->{body})->{'gatehouse_card_stale{card="two"}'} == 1 }, 10, 'a stale card');
pass 'a card past its max_age is stale';
is $now->{'gatehouse_card_stale{card="one"}'}, 0, 'a fresh one is not';
is samples($t->get('/metrics')->{body})->{'http_requests_total{method="GET",endpoint="cards",status="200"}'}, 2, 'hits of the board are requests';

my $etag = $t->get('/one')->{header}{etag};
$t->get('/one', 'If-None-Match' => $etag) for 1 .. 3;
$t->get('/two');
my $served = samples($t->get('/metrics')->{body});
is $served->{'gatehouse_card_served_total{card="one",result="hit"}'}, 2, 'hits';
is $served->{'gatehouse_card_served_total{card="one",result="not_modified"}'}, 3, '304s';
is $served->{'gatehouse_card_served_total{card="two",result="stale"}'}, 1, 'stale ones';

my @of_sidecar = regions($t->sidecar_pid);
is scalar(@of_sidecar), 1, 'the sidecar has mapped the region once, for both workers' or diag "@of_sidecar";
like $of_sidecar[0], qr/^r--s /, 'for reading only';
my ($of_nginx) = map { s/^\S+ //r } regions($t->nginx_pid);
is $of_sidecar[0] =~ s/^\S+ //r, $of_nginx, 'and it is the one that nginx writes';

$t->reload_nginx;
$t->kill_worker;
wait_for(sub { samples($t->get('/metrics')->{body})->{gatehouse_sidecar_up} }, 10, 'workers in step again');
is_deeply [regions($t->sidecar_pid)], \@of_sidecar, 'still once after a reload and a killed worker';

$t->kill_sidecar;
wait_for(sub { !samples($t->get('/metrics')->{body})->{gatehouse_sidecar_up} }, 10, 'the loss');
pass 'without the sidecar it says so';
my $without = $t->get('/metrics')->{body};
ok exists samples($without)->{'gatehouse_card_age_seconds{card="one"}'}, 'and goes on to show the cards that are there';
is promtool($t, $without), '', 'in good form';

$t->start_sidecar;
wait_for(sub { regions($t->sidecar_pid) }, 10, 'the region in a new sidecar');
is_deeply [regions($t->sidecar_pid)], \@of_sidecar, 'a new sidecar gets it too';

$t->done;
