#!/usr/bin/perl
# A cap sees the client that realip found, acts before a limit, and counts a request once however it is sent round.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');
my $app = Gatehouse::Upstream->start($t->port(1));
mkdir $t->dir('www');
$t->write_file('www/index.txt', "index\n");
$t->nginx_conf(<<'END');
gate_conn_zone $gate_client zone=client:64k;
gate_conn_zone $arg_k zone=one:64k;
gate_conn_zone $arg_k zone=two:64k;
gate_limit_zone $arg_k zone=rate:64k rate=1r/m;
log_format caps '$uri $status "$gate_conn_status" "$gate_limit_status"';
access_log logs/caps.log caps;
server {
    listen 127.0.0.1:%%PORT%%;
    location /hold/realip {
        set_real_ip_from 127.0.0.1;
        real_ip_header X-Forwarded-For;
        gate_conn zone=client 1;
        proxy_pass http://127.0.0.1:%%PORT1%%;
    }
    location /hold/limited { gate_conn zone=one 1; gate_limit zone=rate; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold { gate_conn zone=one 1; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /try { gate_conn zone=one 1; root www; try_files /none /hold/tried; }
    location = /named { gate_conn zone=one 1; error_page 418 = @named; return 418; }
    location = /first { gate_conn zone=one 1; root www; try_files /none @named; }
    location @named { gate_conn zone=one 1; gate_conn zone=two 1; rewrite ^ /hold break; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /missing { gate_conn zone=one 1; proxy_intercept_errors on; error_page 404 /hold/after; root www; }
    location /www/ { gate_conn zone=one 1; alias www/; index index.txt; }
    location /auth { gate_conn zone=one 1; auth_request /check; proxy_pass http://127.0.0.1:%%PORT1%%/hold; }
    location = /check { gate_conn zone=two 1; proxy_pass http://127.0.0.1:%%PORT1%%/other; proxy_pass_request_body off; }
}
END
$t->start_nginx;

sub hold ($path, %headers) {
    my $http = $t->http->connect;
    $http->send($http->format({path => $path, headers => \%headers}));
    return $http;
}

sub let_go (@held) {
    $_->close for @held;
    return $app->wait_for_active(0);
}

my @held = map { hold('/hold/realip', 'X-Forwarded-For' => "192.0.2.$_") } 1, 2;
$app->wait_for_active(2);
is $t->get('/hold/realip', 'X-Forwarded-For' => '192.0.2.1')->{status}, 429, 'the client is the one a location\'s realip found';
is $t->get('/hold/realip', 'X-Forwarded-For' => '9.9.9.9, 192.0.2.2')->{status}, 429, 'the last untrusted address';
let_go(@held);

@held = hold('/hold?k=l');
$app->wait_for_active(1);
is $t->get('/hold/limited?k=l')->{status}, 429, 'the cap refuses';
let_go(@held);
@held = hold('/hold/limited?k=l');
$app->wait_for_active(1);
pass 'a request that the cap refused was not charged: the cap acts before the limit';
let_go(@held);
is $t->get('/hold/limited?k=l')->{status}, 429, 'which refuses now';
@held = hold('/hold?k=l');
$app->wait_for_active(1);
pass 'what the limit refused holds no place';
let_go(@held);

for my $path ('/try', '/first', '/missing/x', '/auth') {
    @held = hold("$path?k=$path");
    $app->wait_for_active(1);
    is $t->get("/hold?k=$path")->{status}, 429, "$path: counted";
    let_go(@held);
    my @again = map { my $http = hold("$path?k=$path"); $app->wait_for_active(1); let_go($http) } 1 .. 3;
    is scalar(@again), 3, 'once, and given back';
}
is $t->get('/www/?k=i')->{status}, 200, 'index';
is $t->get('/www/?k=i')->{status}, 200;

@held = hold('/first?k=n');
$app->wait_for_active(1);
is $t->get('/named?k=n')->{status}, 429, 'a named location adds the caps it has more';
let_go(@held);
$_ = wait_for(sub { my $log = $t->log_text('caps.log'); $log =~ m{/hold/limited 429 "PASSED" "REJECTED"} && $log }, 10, 'log');
like $_, qr{^/hold/limited 429 "REJECTED" "-"}m, 'the statuses say who refused';

$t->done;
