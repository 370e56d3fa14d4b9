#!/usr/bin/perl
# Cards beside nginx's own filters, subrequests and error pages: the bytes stay those of the ETag.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');

my $json = '{"text":"<!--# echo var=\"uri\" -->", "word":"before"}' . ' ' x 2000;
my $publisher = $t->start_publisher;
$publisher->card('c', '/c', json => $json, 'json.gzip' => 'zipped');
$publisher->card('html', '/html', json => "<p>before</p><!--# echo var=\"uri\" -->" . ' ' x 2000, type => 'text/html');
$publisher->card('big', '/big', json => 'b' x 400_000);
$publisher->card('secret', '/secret', json => $json, require => 'read');
$publisher->card('gone', '/gone', json => $json, age_ms => 100_000, stale_ms => 0);
$t->write_file('page.shtml', 'start <!--# include virtual="/c" --> <!--# include virtual="/big" --> <!--# include virtual="/secret" --> end');
$t->write_file('fallback', 'file');
$t->nginx_conf(<<'END');
gate_board on;
sendfile on;
charset_map koi8-r windows-1251 { 62 63; }
server {
    listen 127.0.0.1:%%PORT%%;
    root %%DIR%%;
    location / { }
    location /gzip/ { gzip on; gzip_vary on; gzip_min_length 1; gzip_types *; rewrite ^/gzip(/.*) $1 break; }
    location /gunzip/ { gunzip on; rewrite ^/gunzip(/.*) $1 break; }
    location /sub/ { sub_filter before after; sub_filter_types application/json; rewrite ^/sub(/.*) $1 break; }
    location /ssi/ { ssi on; ssi_types application/json; rewrite ^/ssi(/.*) $1 break; }
    location /charset/ { charset koi8-r; charset_types application/json; source_charset windows-1251; override_charset on; rewrite ^/charset(/.*) $1 break; }
    location /addition/ { add_after_body /fallback; addition_types *; rewrite ^/addition(/.*) $1 break; }
    location /expires/ { expires 10s; rewrite ^/expires(/.*) $1 break; }
    location /page.shtml { ssi on; default_type text/html; }
    location /checked { auth_request /c; return 204; }
    location /closed { auth_request /secret; try_files /fallback =404; }
    location /open { auth_request /c; try_files /fallback =404; }
    location /try { try_files /none /c; }
    location /tried { try_files /none @named; }
    location @named { return 200 named; }
    location /pages/ {
        error_page 405 = @named;
        error_page 412 /fallback;
        error_page 401 /fallback;
        error_page 503 /c;
        rewrite ^/pages(/.*) $1 break;
    }
}
END
$t->start_nginx;
my $plain = $t->wait_for_answer('/c');
my $tag = $plain->{header}{etag};

for my $filter (qw(gzip gunzip sub ssi charset)) {
    subtest $filter => sub {
        for my $accept ('', 'gzip', 'gzip;q=0') {
            my $r = $t->get("/$filter/c", 'Accept-Encoding' => $accept);
            my $zipped = $accept eq 'gzip';
            is $r->{body}, $zipped ? 'zipped' : $json, "Accept-Encoding \"$accept\": our bytes";
            like $r->{header}{etag}, qr/^"/, 'a strong tag';
            is $r->{header}{etag}, $tag if !$zipped;
            is $r->{header}{'content-encoding'} // '', $zipped ? 'gzip' : '';
            is $r->{header}{'content-type'}, 'application/json';
        }
        # HTTP/1.0 and Via: nginx's own gzip_proxied would say no, the client said yes.
        my $old = $t->request({path => "/$filter/c", version => 'HTTP/1.0', headers => {'Accept-Encoding' => 'gzip', Via => 'x'}});
        is $old->{body}, 'zipped', 'HTTP/1.0';
    };
}
is $t->get('/sub/html')->{body}, $t->get('/html')->{body}, 'sub_filter over text/html';
is $t->get('/ssi/html')->{body}, $t->get('/html')->{body}, 'ssi over text/html';

subtest 'expires' => sub {
    my $h = $t->get('/expires/c')->{header};
    is $h->{'cache-control'}, 'max-age=10', "the administrator's word replaces the card's";
};

subtest 'subrequests' => sub {
    my $page = $t->get('/page.shtml', 'Accept-Encoding' => 'gzip')->{body};
    is substr($page, 0, length "start $json"), "start $json", 'an include is never encoded';
    ok index($page, ' ' . 'b' x 400_000 . ' ') > 0, 'nor is a large one';
    like $page, qr/401 Authorization Required.* end$/s, 'and needs its scopes';
    unlike $page, qr/zipped/;
    is $t->get('/open')->{body}, 'file', 'auth_request to a card';
    is $t->get('/open', 'If-None-Match' => $tag, Range => 'bytes=0-1')->{status}, 206, "the main request's conditions are its own";
    is $t->get('/closed')->{status}, 401, 'auth_request to a card that requires scopes';
};

subtest 'internal redirects' => sub {
    my $r = $t->get('/try');
    is $r->{body}, $json, 'try_files to a card';
    unlike $r->{header}{'cache-status'}, qr/miss/, 'is a hit and no miss';
    my $named = $t->get('/tried');
    is $named->{body}, 'named';
    is $named->{header}{'cache-status'}, 'gatehouse; fwd=uri-miss', 'a miss is known behind a named location';
};

subtest 'error_page' => sub {
    my $method = $t->request({method => 'POST', path => '/pages/c', body => 'x'});
    is $method->{body}, 'named', 'of a 405';
    is $method->{header}{allow}, 'GET, HEAD', 'fields stay';
    is $t->get('/pages/c', 'If-Match' => '"x"')->{body}, 'file', 'of a 412';
    my $secret = $t->get('/pages/secret');
    is "$secret->{status} $secret->{body}", '401 file', 'of a 401';
    is $secret->{header}{'www-authenticate'}, 'Bearer realm="gatehouse"';
    my $gone = $t->get('/pages/gone');
    is $gone->{status}, 503;
    is $gone->{body}, $json, 'another card as the page of a 503';
};

$publisher->stop;
$t->done;
