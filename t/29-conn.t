#!/usr/bin/perl
# Caps as nginx's own suite demands them: counted by zone and key, free when the client leaves, status and dry run.
use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');
my $app = Gatehouse::Upstream->start($t->port(1));
$t->nginx_conf(<<'END');
log_format status '$uri $status "$gate_conn_status"';
access_log logs/status.log status;
gate_conn_zone $arg_k zone=one:64k;
gate_conn_zone $arg_k zone=two:64k;
gate_conn_zone $arg_k$http_x_part zone=compound:64k;
gate_conn_zone same zone=global:64k;
gate_conn_zone $arg_k zone=dry:64k;
proxy_read_timeout 60s;
server {
    listen 127.0.0.1:%%PORT%%;
    location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/one { gate_conn zone=one 1; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/same { gate_conn zone=one 1; gate_conn_status 409; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/wide { gate_conn zone=one 3; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/two { gate_conn zone=two 1; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/compound { gate_conn zone=compound 1; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/global { gate_conn zone=global 1; gate_conn_status 503; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/dry { gate_conn zone=dry 1; gate_conn_dry_run on; gate_conn_log_level warn; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/both { gate_conn zone=two 1; gate_conn zone=one 1; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/page { gate_conn zone=one 1; error_page 429 = /page; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /metrics { gate_metrics; }
    location /page { gate_conn zone=one 1; return 418 "full\n"; }
}
END
$t->start_nginx;

# A request that the application holds; its answer is not read.
my $hold = sub ($path, %headers) {
    my $http = $t->http->connect;
    $http->send($http->format({path => $path, headers => \%headers}));
    return $http;
};
my $held = 0;
my $first = $hold->('/hold/one?k=a');
$app->wait_for_active(++$held);

my $refused = $t->get('/hold/one?k=a');
is $refused->{status}, 429, 'a second one of the same key is refused';
is $refused->{header}{'content-type'}, 'application/problem+json';
is $refused->{header}{'ratelimit-policy'}, '"one";q=1;qu="concurrent-requests"';
is $refused->{header}{ratelimit}, '"one";r=0;t=1';
is $refused->{header}{'retry-after'}, 1;
is $refused->{header}{'cache-control'}, 'no-store';
my $problem = decode_json($refused->{body});
is $problem->{type}, 'https://iana.org/assignments/http-problem-types#quota-exceeded';
is_deeply $problem->{'violated-policies'}, ['one'];
is $problem->{status}, 429;
is $t->get('/hold/one?k=a', Accept => 'text/html')->{header}{'content-type'}, 'text/html; charset=utf-8', 'a page for a browser';
is $t->head('/hold/one?k=a')->{status}, 429, 'HEAD too';

is $t->get('/hold/same?k=a')->{status}, 409, 'through another location on the same zone, with its status';
is $t->get('/hold/both?k=a')->{status}, 429, 'one of two zones is full';
my @others = ($hold->('/hold/two?k=a'));
$app->wait_for_active(++$held);
pass 'another zone is not affected, and what one zone refuses the other does not keep';
push @others, $hold->('/hold/wide?k=a');
$app->wait_for_active(++$held);
pass 'the limit is the location\'s, the count the zone\'s';
push @others, $hold->('/hold/one?k=b'), $hold->('/hold/one'), $hold->('/hold/one');
$app->wait_for_active($held += 3);
pass 'another key; and an empty key is not limited';
push @others, $hold->('/hold/dry?k=a'), $hold->('/hold/dry?k=a');
$app->wait_for_active($held += 2);
pass 'a dry run lets through';
push @others, $hold->('/hold/compound?k=a', 'X-Part' => 1), $hold->('/hold/compound?k=a', 'X-Part' => 2);
$app->wait_for_active($held += 2);
is $t->get('/hold/compound?k=a', 'X-Part' => 2)->{status}, 429, 'compound keys';

push @others, $hold->('/hold/global?k=1');
$app->wait_for_active(++$held);
my $busy = $t->get('/hold/global?k=2');
is $busy->{status}, 503, 'a global cap';
is decode_json($busy->{body})->{type}, 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity';

my $long = 'k' x 4000;
push @others, $hold->("/hold/one?k=${long}1"), $hold->("/hold/one?k=${long}2");
$app->wait_for_active($held += 2);
is $t->get("/hold/one?k=${long}2")->{status}, 429, 'keys of any length';

my $metrics = $t->get('/metrics')->{body};
like $metrics, qr/^gatehouse_connections_active\{zone="one"\} 5$/m, 'metrics: what a zone holds';
like $metrics, qr/^gatehouse_connections_active\{zone="two"\} 1$/m;
like $metrics, qr/^gatehouse_connections_rejected_total\{zone="one"\} [6-9]$/m, 'and refuses';
like $metrics, qr/^gatehouse_decisions_total\{[^}]*"concurrency"[^}]*\} [1-9]/m;

my $page = $t->get('/hold/page?k=a');
is $page->{status}, 418, 'error_page answers, and its location does not refuse once more';
is $page->{body}, "full\n";
is $page->{header}{'retry-after'}, 1, 'with the fields of the refusal';

$_->close for @others, $first;
$app->wait_for_active(0);
like $t->get('/metrics')->{body}, qr/^gatehouse_connections_active\{zone="one"\} 0$/m, 'metrics: all have gone';
$first = $hold->('/hold/one?k=a');
$app->wait_for_active(1);
pass 'free as soon as the client has closed';
$app->release;
is $first->read_response->{body}, "done\n", 'and when the request has ended';
is $t->get('/other')->{status}, 200;
is wait_for(sub { ($t->log_text('status.log') =~ m{^/other 200 "(.*)"}m)[0] }, 10, 'log'), '-', 'the status is absent where no cap applies';
my $log = $t->log_text('status.log');
like $log, qr{^/hold/one 429 "REJECTED"}m;
like $log, qr{^/hold/one 200 "PASSED"}m;
like $log, qr{^/hold/dry 499 "REJECTED_DRY_RUN"}m;
like $log, qr{^/hold/one 499 "-"}m, 'nor with an empty key';
like $log, qr{^/page 418 "REJECTED"}m;

my $errors = $t->log_text('error.log');
like $errors, qr/\[error\] [^\n]*limiting connections by zone "one"/;
like $errors, qr/\[warn\] [^\n]*limiting connections, dry run, by zone "dry"/, 'a dry run says so';
cmp_ok scalar(() = $errors =~ /by zone "one"/g), '<=', 3, 'at most one line a second and zone';
like wait_for(sub { ($t->log_text('error.log') =~ /(limiting connections by zone "one": \d+ more.*)/)[0] }, 10, 'rest'),
    qr/more since/, 'and the count of the others';

$t->done;
