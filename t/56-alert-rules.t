#!/usr/bin/perl
# What rules are on: metrics, cards, certificates, errors and refusals of routes, upstreams; and what metrics say of alerts.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Metrics qw(samples promtool);
use Gatehouse::Receiver;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 4, workers => 2);
plan skip_all => 'needs the module, the sidecar and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');
my $receiver = Gatehouse::Receiver->start($t->port(1), $t->dir('receiver'));
my $true = JSON::PP::true;

my ($made) = $t->run_program([qw(openssl req -x509 -newkey rsa:2048 -nodes -days 5 -subj /CN=localhost -addext), 'subjectAltName=DNS:localhost',
    '-keyout', $t->dir('key.pem'), '-out', $t->dir('cert.pem')]);
is $made, 0, 'a certificate that ends in five days';
$t->write_file('data.csv', "a\n1\n");
my %rules = (
    hits => {on => 'metric', metric => 'gatehouse_card_served_total', labels => {card => 'one', result => 'hit'}, above => 3},
    quick_hits => {on => 'metric', metric => 'gatehouse_card_served_total', above => 0.5, rate => $true, window => '5s'},
    few_sources => {on => 'metric', metric => 'gatehouse_source_up', below => 1},
    checks_down => {on => 'metric', metric => 'gatehouse_health_check_up', below => 1, severity => 'info'},
    old => {on => 'card', max_age => '2s'},
    cert => {on => 'certificate', check => 'cert', days => 30, severity => 'info'},
    cert_fine => {on => 'certificate', days => 1},
    broken => {on => 'errors', route => '*', above => 0.5, window => '5s', min_requests => 5, severity => 'critical'},
    broken_all => {on => 'errors', above => 0.9, window => '5s', min_requests => 5},
    refused => {on => 'refusals', route => 'limited', above => 1, window => '5s'},
    refused_all => {on => 'refusals', above => 1000, window => '5s'},
    peers => {on => 'check', check => 'upstream:app'},
);
my %config = (
    sources => {d => {kind => 'csv', path => '%%DIR%%/data.csv'}, gone => {kind => 'csv', path => '%%DIR%%/gone.csv'}},
    cards => {
        one => {path => '/one', sql => 'select * from d', refresh => '1h'},
        two => {path => '/two', sql => 'select * from gone', refresh => '1h'},
    },
    checks => {cert => {kind => 'tls', address => 'localhost:%%PORT3%%', ca_file => '%%DIR%%/cert.pem', allow_private => $true, severity => 'info', interval => '1s'}},
    alerts => {
        rules => \%rules,
        receivers => {hook => {kind => 'webhook', url => $receiver->url('hook'), allow_private => $true}},
        heartbeat => {url => $receiver->url('beat'), every => '1s', allow_private => $true},
    },
);
$t->sidecar_config(\%config);
$t->start_sidecar;
$t->nginx_conf(<<'END');
gate_limit_zone $remote_addr zone=z:64k rate=1r/m;
upstream app { zone app 64k; server 127.0.0.1:%%PORT2%%; gate_check uri=/ interval=1s timeout=1s fails=1; }
server {
    listen 127.0.0.1:%%PORT%%;
    location / { gate_board on; gate_route cards; }
    location /broken { gate_route broken; return 500; }
    location /fine { gate_route fine; empty_gif; }
    location /limited { gate_route limited; gate_limit zone=z; empty_gif; }
    location /app { proxy_pass http://app; }
    location = /metrics { gate_metrics; }
}
server { listen 127.0.0.1:%%PORT3%% ssl; ssl_certificate %%DIR%%/cert.pem; ssl_certificate_key %%DIR%%/key.pem; location / { return 204; } }
END
$t->start_nginx;
$t->wait_in_step;

sub firing {
    my %firing;
    for my $alert (@{$t->ctl_json('alert', 'list')->{alerts}}) {
        $firing{$alert->{rule}}{$alert->{target}} = $alert if $alert->{state} eq 'firing';
    }
    return \%firing;
}
sub wait_for_alert ($rule, $target) { return wait_for(sub { firing()->{$rule}{$target} }, 30, "alert $rule of $target") }
# As often as it takes: what a test counts is in a window of five seconds.
sub wait_while_asking ($path, $rule, $target) {
    return wait_for(sub { $t->get($path) for 1 .. 10; firing()->{$rule}{$target} }, 30, "alert $rule of $target");
}

# --- without any traffic ---
like wait_for_alert('old', 'one')->{detail}, qr/^card "one" was current \d+s ago, more than 2s$/, 'a card that is too old';
like wait_for_alert('old', 'two')->{detail}, qr/^card "two" has no data: .*gone\.csv/, 'a card without data';
like wait_for_alert('cert', 'cert')->{detail}, qr/^the certificate of "cert" ends in 4 days$/, 'a certificate that ends soon';
cmp_ok firing()->{cert}{cert}{value}, '<', 5, 'by its days';
is wait_for_alert('few_sources', 'source=gone')->{value}, 0, 'a metric of the sidecar, by its series';
ok !firing()->{few_sources}{'source=d'}, 'and not of others';
like wait_for_alert('peers', 'upstream:app')->{detail}, qr/^check "upstream:app" is down: peer 127/, 'an upstream whose peers are down';
is wait_for_alert('checks_down', 'check=upstream:app')->{severity}, 'info', 'a metric of health';
is_deeply [grep { firing()->{$_} } qw(hits quick_hits cert_fine broken broken_all refused refused_all)], [], 'nothing else';

# --- with traffic ---
like wait_while_asking('/one', 'hits', 'card=one,result=hit')->{detail}, qr/^gatehouse_card_served_total\{card=one,result=hit\} is \d+, above 3$/, 'a counter';
wait_while_asking('/one', 'quick_hits', 'card=one,result=hit');
pass 'how fast a counter grows';
my $broken = wait_while_asking('/broken', 'broken', 'broken');
like $broken->{detail}, qr/^route "broken": 100 % of \d+ requests within 5s failed$/, 'the errors of a route';
is $broken->{value}, 1, 'as a share';
is_deeply [keys %{firing()->{broken}}], ['broken'], 'of that one alone';
like wait_while_asking('/limited', 'refused', 'limited')->{detail}, qr/^route "limited": \S+ requests a second refused, within 5s$/, 'refusals of a route';
wait_for(sub { $t->get('/fine'); !firing()->{broken} && !firing()->{refused} && !firing()->{quick_hits} }, 40, 'the end of what is over');
pass 'what has left the window is over';
ok !firing()->{refused_all} && !firing()->{cert_fine}, 'what is within its limits never fires';

# --- what is told and counted ---
my %told = map { map { ("$_->{rule} $_->{status}" => 1) } @{decode_json($_->{body})->{alerts}} } $receiver->got('hook');
ok wait_for(sub {
    %told = map { map { ("$_->{rule} $_->{status}" => 1) } @{decode_json($_->{body})->{alerts}} } $receiver->got('hook');
    $told{"$_ resolved"} || return 0 for qw(broken refused quick_hits);
    return 1;
}, 20, 'all ends'), 'the ends are told';
ok $told{"$_ firing"}, "$_ was told" for qw(hits quick_hits few_sources checks_down old cert broken refused peers);
my $metrics;
wait_for(sub {
    $metrics = samples($t->get('/metrics')->{body});
    my %firing = %{firing()};
    my $count = grep { $_->{severity} eq 'info' } map { values %$_ } values %firing;
    return ($metrics->{'gatehouse_alerts{severity="info",state="firing"}'} // -1) == $count;
}, 20, 'alerts among the metrics');
pass 'alerts by severity and state';
is $metrics->{'gatehouse_alerts{severity="critical",state="firing"}'}, 0, 'those that are over are not among them';
is $metrics->{'gatehouse_alerts{severity="warning",state="pending"}'}, 0, 'nothing is pending';
cmp_ok $metrics->{'gatehouse_alert_notifications_total{receiver="hook",outcome="delivered"}'}, '>', 0, 'messages that were taken';
is $metrics->{qq(gatehouse_alert_notifications_total{receiver="hook",outcome="$_"})}, 0, "$_: none" for qw(retried failed dropped);
cmp_ok $metrics->{'gatehouse_heartbeat_total{outcome="good"}'}, '>', 0, 'heartbeats';
cmp_ok abs($metrics->{gatehouse_heartbeat_last_success_timestamp_seconds} - time), '<', 60, 'and the last one';
is promtool($t, $t->get('/metrics')->{body}), '', 'promtool check metrics finds nothing';

# --- an nginx that is gone is no end of what it counted ---
$t->stop_nginx;
ok firing()->{hits}{'card=one,result=hit'}, 'without nginx an alert of its metrics stays';
$t->done;
