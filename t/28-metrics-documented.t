#!/usr/bin/perl
# docs/metrics.md against what is served when everything is configured: names, types and labels.

use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Mmdb qw(country mmdb);
use Gatehouse::Metrics qw(samples families promtool openmetrics);

my $t = Gatehouse->new(workers => 2, ports => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my $dir = $t->dir;
system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -days 9000 "
        . "-keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null") == 0
    or plan skip_all => 'openssl makes no certificate';
my ($end) = qx(openssl x509 -in $dir/cert.pem -noout -enddate -dateopt iso_8601) =~ /notAfter=(\S+ \S+)Z/;
chomp(my $expiry = qx(date -ud '$end' +%s));

$t->write_file('data.csv', "a,b\n1,2\n");
$t->sidecar_config({
    sources => {d => {kind => 'csv', path => '%%DIR%%/data.csv'}, db => {kind => 'sqlite', path => '%%DIR%%/some.db'}},
    checks => {memory => {kind => 'memory'}},
    alerts => {
        rules => {any => {on => 'check'}}, receivers => {hook => {kind => 'webhook', url => 'http://127.0.0.1:9/', allow_private => \1}},
        heartbeat => {url => 'http://127.0.0.1:9/', allow_private => \1}},
    cards => {one => {path => '/one', sql => 'select * from d'}},
    sentry => {dsn => 'http://key@127.0.0.1:9/1', allow_private => \1},
    metrics => [{name => 'own', from => 'd', value => 'count(*)'}],
    identity => {jwks => {keys => {url => 'http://127.0.0.1:9/jwks.json', allow_private => \1}}}});
$t->start_sidecar;
$t->write_file('country.mmdb', mmdb({'192.0.2.0/24' => country('DE')}));
$t->nginx_conf(<<'END');
gate_geoip %%DIR%%/country.mmdb;
gate_audit denied;
gate_limit_zone $remote_addr zone=clients:128k rate=1r/s;
gate_limit_zone $remote_addr zone=plans:128k quota="2/minute; 100/day";
gate_conn_zone $remote_addr zone=open:128k;
upstream app { zone app 64k; server 127.0.0.1:9; gate_check uri=/health; }
server {
    listen 127.0.0.1:%%PORT%%;
    location / { gate_board on; }
    location /limited { gate_limit zone=clients; }
    location /quota { gate_limit zone=plans; error_page 429 @refused; }
    location @refused { return 429; }
    location /open { gate_conn zone=open 5; }
    location /known { gate_auth token; empty_gif; }
    location = /metrics { gate_metrics; }
}
server { listen 127.0.0.1:%%PORT1%% ssl; server_name a.example b.example; ssl_certificate cert.pem; ssl_certificate_key key.pem; }
END
$t->start_nginx;
$t->wait_in_step;
wait_for(sub { samples($t->get('/metrics')->{body})->{'gatehouse_refresh_duration_seconds{card="one"}'} }, 10, 'what the sidecar tells every second');

my %documented;
my ($table) = read_file($t->root . '/docs/metrics.md') =~ /<!-- metrics -->\n(.*?)\n\n/s;
for my $row (split /\n/, $table) {
    my ($name, $type, $labels) = $row =~ /^\| `(\w+)` \| (\w+) \| (.*?)\s*\|/ or next;
    $documented{$name} = {type => $type, labels => [$labels =~ /`(\w+)`/g]};
}
cmp_ok scalar keys %documented, '>', 20, 'metrics are documented';

my $start = $t->wait_for_answer('/metrics', sub ($r) { $r->{body} =~ /^gatehouse_health_check_up/m })->{body};
is promtool($t, $start), '', 'promtool check metrics finds nothing';
my $families = families($start);
is delete $families->{own}, 'gauge', 'own metrics are beside them';
is_deeply [sort keys %$families], [sort keys %documented], 'what is served is what is documented, and all of it from the start';
is $families->{$_}, $documented{$_}{type}, "$_ is a $families->{$_}" for sort keys %$families;

my %labels;
for my $series (grep { $_ ne 'own' } keys %{samples($start)}) {
    my ($name, $set) = $series =~ /^(\w+?)(?:_(?:bucket|sum|count))?(?:\{(.*)\})?$/;
    ++$labels{$name}{join ',', grep { $_ ne 'le' } ($set // '') =~ /(\w+)="/g};
}
for my $name (sort keys %labels) {
    is_deeply [keys %{$labels{$name}}], [join ',', @{$documented{$name}{labels} // []}], "labels of $name";
}

my $at_start = samples($start);
is $at_start->{$_}, 0, "$_ at 0" for
    'gatehouse_limit_passed_total{zone="clients"}', 'gatehouse_limit_delayed_total{zone="clients"}',
    'gatehouse_limit_rejected_total{zone="plans"}', 'gatehouse_limit_evicted_active_total{zone="plans"}',
    'gatehouse_connections_active{zone="open"}', 'gatehouse_connections_rejected_total{zone="open"}',
    'gatehouse_limit_zone_entries{zone="clients"}',
    'gatehouse_decisions_total{stage="limit",outcome="refused",reason="quota"}';
is $at_start->{'gatehouse_tls_certificate_expiry_timestamp_seconds{server="a.example"}'}, $expiry, 'a certificate ends when openssl says';
my $build = qr/version="[\d.]+"/;
ok scalar(grep { /^gatehouse_build_info\{component="sidecar",$build,nginx_version=""\}$/ } keys %$at_start), 'the sidecar says what it is';
is $at_start->{'gatehouse_limit_zone_size_bytes{zone="clients"}'}, 128 << 10, 'a zone has its size';

$t->get('/limited') for 1 .. 3;
$t->get('/quota') for 1 .. 5;
$t->get('/open');
my $then = samples($t->get('/metrics')->{body});
is $then->{'gatehouse_limit_passed_total{zone="clients"}'}, 1, 'one passed the rate';
is $then->{'gatehouse_limit_rejected_total{zone="clients"}'}, 2, 'two did not';
is $then->{'gatehouse_limit_rejected_total{zone="plans"}'}, 3, 'three were over the quota';
is $then->{'gatehouse_decisions_total{stage="limit",outcome="refused",reason="quota"}'}, 3, 'and that was the reason';
is $then->{'gatehouse_decisions_total{stage="limit",outcome="refused",reason="rate"}'}, 2, 'the rate was the other';
cmp_ok $then->{'gatehouse_limit_zone_entries{zone="clients"}'}, '>=', 1, 'the zone holds a key';
is $then->{'http_requests_total{method="GET",endpoint="@refused",status="429"}'}, 3, 'refusals are requests of where they ended';
is $then->{'gatehouse_connections_active{zone="open"}'}, 0, 'what was let in has gone';

my ($count, $complaint) = openmetrics($t, $t->get('/metrics', Accept => 'application/openmetrics-text')->{body});
is $complaint, '', "a strict parser of OpenMetrics takes all $count families";
is $count, 1 + keys %documented, 'and sees as many';

$t->done;
