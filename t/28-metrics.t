#!/usr/bin/perl
# gate_metrics: what it serves, in which formats, and that nothing of a request becomes a label.

use v5.36;
use utf8;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Gatehouse;
use Gatehouse::Metrics qw(samples promtool openmetrics);

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'module is not built' if !$t->built('module');

$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location / { return 200 "hi\n"; }
    location /quoted"\path { return 200; }
    location /away { proxy_pass http://127.0.0.1:1; error_page 502 = @fallback; }
    location @fallback { return 503; }
    location /start { rewrite ^ /end last; }
    location /end { return 204; }
    location ~ ^/item/\d+$ { gate_route item; return 201; }
    location /inherits { gate_route outer; location /inherits/inner { return 202; } }
    location = /metrics { gate_metrics; }
    location = /prometheus { gate_metrics prometheus; }
    location = /openmetrics { gate_metrics openmetrics; }
    location = /json { gate_metrics json; }
    location = /ssi { ssi on; ssi_types *; return 200 '<!--#include virtual="/json" -->'; }
}
server { listen 127.0.0.1:%%PORT%%; server_name bare; return 444; }
END
$t->start_nginx;

# --- at the start ---
my $first = $t->get('/metrics');
is $first->{status}, 200, 'answers';
is $first->{header}{'content-type'}, 'text/plain; version=0.0.4; charset=utf-8', 'as Prometheus text';
is $first->{header}{'cache-control'}, 'no-store', 'no cache keeps it';
is $first->{header}{vary}, 'Accept', 'and none mixes up the formats';
is promtool($t, $first->{body}), '', 'promtool check metrics finds nothing';
my $at_start = samples($first->{body});
for my $endpoint ('/', '/away', '@fallback', 'item', 'outer', '/end', '/metrics', '/quoted\"\\\\path') {
    is $at_start->{qq(http_requests_total{method="GET",endpoint="$endpoint",status="200"})}, 0, "$endpoint is there at 0";
    is $at_start->{qq(http_request_duration_seconds_count{endpoint="$endpoint"})}, 0, 'and its histogram';
}
ok !grep({ /endpoint="other"/ } keys %$at_start), 'nothing is counted for no endpoint';
is $at_start->{'gatehouse_sidecar_up'}, 0, 'there is no sidecar';

# --- requests ---
my %sent = ('/' => 3, '/away' => 1, '/start' => 2, '/item/1' => 1, '/item/22' => 1, '/inherits/inner' => 1);
for my $path (sort keys %sent) {
    $t->get($path) for 1 .. $sent{$path};
}
$t->request({method => $_, path => '/'}) for qw(POST PATCH PROPFIND FOO BAR QUERY);
$t->head('/');
eval { $t->get('/', Host => 'bare') };
$t->request("GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n");

# A request is counted at its end, which may come after the client has its answer.
my $text;
eval {
    wait_for(sub {
        $text = $t->get('/prometheus')->{body};
        my $seen = samples($text);
        my $sum = 0;
        $sum += $seen->{$_} for grep { /^http_requests_total/ && !/prometheus/ } keys %$seen;
        return $sum >= 19;
    }, 5, 'all requests');
};
is promtool($t, $text), '', 'promtool still finds nothing';
my $now = samples($text);
my %expected = (
    'method="GET",endpoint="/",status="200"' => 3,
    'method="HEAD",endpoint="/",status="200"' => 1,
    'method="POST",endpoint="/",status="200"' => 1,
    'method="PATCH",endpoint="/",status="200"' => 1,
    'method="PROPFIND",endpoint="/",status="200"' => 1,
    'method="other",endpoint="/",status="200"' => 3,
    'method="GET",endpoint="@fallback",status="503"' => 1,
    'method="GET",endpoint="/away",status="200"' => 0,
    'method="GET",endpoint="/end",status="204"' => 2,
    'method="GET",endpoint="item",status="201"' => 2,
    'method="GET",endpoint="outer",status="202"' => 1,
    'method="GET",endpoint="other",status="444"' => 1,
    'method="GET",endpoint="other",status="400"' => 1,
);
is $now->{"http_requests_total{$_}"}, $expected{$_}, "$_: $expected{$_}" for sort keys %expected;
my $total = 0;
$total += $now->{$_} for grep { /^http_requests_total/ && !/prometheus/ } keys %$now;
is $total, 9 + 6 + 1 + 1 + 1 + 1, 'each request once, however often it was sent round; the scrape before included';

is $now->{'http_request_duration_seconds_count{endpoint="/"}'}, 10, 'the histogram counts the same requests';
my $sum = $now->{'http_request_duration_seconds_sum{endpoint="/"}'};
cmp_ok $sum, '>', 0, "below a millisecond there is time too ($sum s)";
cmp_ok $sum, '<', 1, 'and it is seconds';
cmp_ok $now->{'http_request_duration_seconds_bucket{endpoint="/",le="0.025"}'}, '>', 0, 'short requests are in the buckets of short ones';

# --- formats ---
my %type = (
    '' => 'text/plain', '*/*' => 'text/plain', 'text/plain' => 'text/plain', 'image/png' => 'text/plain',
    'application/openmetrics-text' => 'application/openmetrics-text',
    'application/openmetrics-text;q=0.5' => 'application/openmetrics-text',
    'application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1' => 'application/openmetrics-text',
    'application/openmetrics-text;q=0.1,text/plain;q=0.9' => 'text/plain',
    'application/json' => 'application/json', 'application/json;q=0, */*' => 'text/plain',
);
for my $accept (sort keys %type) {
    my $answer = $t->get('/metrics', $accept eq '' ? () : (Accept => $accept));
    like $answer->{header}{'content-type'}, qr/^\Q$type{$accept}\E/, "Accept: $accept";
}
like $t->get('/prometheus', Accept => 'application/json')->{header}{'content-type'}, qr{^text/plain; version=0\.0\.4}, 'a fixed format is fixed';
is $t->get('/prometheus')->{header}{vary}, undef, 'and does not vary';

my $open = $t->get('/openmetrics');
is $open->{header}{'content-type'}, 'application/openmetrics-text; version=1.0.0; charset=utf-8', 'OpenMetrics';
like $open->{body}, qr/\n# EOF\n\z/, 'ends as it must';
like $open->{body}, qr/^# TYPE http_requests counter\n.*^http_requests_total\{/ms, 'names families of counters without their suffix';
like $open->{body}, qr/^# TYPE gatehouse_build info\n/m, 'has info';
my ($families, $complaint) = openmetrics($t, $open->{body});
is $complaint, '', 'a strict parser takes it';
cmp_ok $families, '>', 10, "$families families";

my $json = JSON::PP->new->utf8->decode($t->get('/json')->{body});
is $json->{counters}{'http_requests_total{method=GET,endpoint=/,status=200}'}, 3, 'JSON has the same numbers';
my $histogram = $json->{histograms}{'http_request_duration_seconds{endpoint=/}'};
cmp_ok $histogram->{count}, '>=', 3, 'and histograms';
ok scalar(grep { /endpoint=\/quoted"\\path,/ } keys %{$json->{counters}}), 'in JSON\'s own escapes';

# --- methods ---
my $head = $t->head('/prometheus');
is $head->{status}, 200, 'HEAD';
cmp_ok $head->{header}{'content-length'}, '>', 1000, 'says how long it would be';
for my $method (qw(POST PUT DELETE OPTIONS FOO)) {
    my $answer = $t->request({method => $method, path => '/metrics', body => 'x' x 10_000});
    is $answer->{status}, 405, "$method is not allowed";
    is $answer->{header}{allow}, 'GET, HEAD', 'and the answer says what is';
    is $answer->{header}{'content-type'}, 'application/problem+json', 'as a problem';
}
is $t->get('/metrics', 'Content-Length' => 5, Expect => '100-continue')->{status}, 200, 'a body that never comes is not waited for';
is_deeply JSON::PP->new->utf8->decode($t->get('/ssi')->{body})->{gauges}{gatehouse_sidecar_up}, 0, 'also in a subrequest';

# --- nginx's own numbers ---
cmp_ok $now->{'gatehouse_nginx_connections{state="active"}'}, '>=', 1, 'connections';
cmp_ok $now->{'gatehouse_nginx_requests_total'}, '>', 10, 'requests';
ok scalar(grep { /^gatehouse_build_info\{component="module",version="[\d.]+",nginx_version="[\d.]+"\}$/ } keys %$now), 'what is running';

# --- configuration ---
for my $wrong (
    ['location /m { gate_metrics xml; }', 'invalid value "xml" in "gate_metrics" directive, it must be "prometheus", "openmetrics", "json" or "auto"'],
    ['location /m { gate_metrics; gate_metrics; }', '"gate_metrics" directive is duplicate'],
    ['location /m { gate_metrics json json; }', 'invalid value "json" in "gate_metrics" directive'],
    ['gate_metrics;', '"gate_metrics" directive is not allowed here'],
    ['gate_top_keys whole;', '"gate_top_keys" directive is not allowed here'],
) {
    $t->nginx_conf("server { $wrong->[0] }");
    my ($status, $output) = $t->nginx_test;
    is $status, 1, $wrong->[0];
    like $output, qr/\[emerg\] .*\Q$wrong->[1]\E/, 'is refused in words';
}
$t->nginx_conf('gate_top_keys some; server { }');
like +($t->nginx_test)[1], qr/invalid value "some" in "gate_top_keys" directive, it must be "masked", "whole" or "off"/, 'gate_top_keys';

$t->nginx_conf('server { ' . join(' ', map { "location /l$_ { }" } 1 .. 1100) . ' }');
my ($status, $output) = $t->nginx_test;
is $status, 0, 'more endpoints than there is room for are no error';
like $output, qr/\[warn\] .*1101? endpoints are more than the 1023 that metrics have room for/, 'but a warning';

$t->done;
