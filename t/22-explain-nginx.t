#!/usr/bin/perl
# What nginx itself does with a request that is explained: redirects, error pages, named locations, realip, HTTP/2 and TLS.
use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Explain qw(key_table permission raw_explain explained explain_path step steps said);

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
plan skip_all => 'curl has no HTTP/2' if qx(curl -V) !~ /HTTP2/;
my $dir = $t->dir;
system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        . "-keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null") == 0
    or plan skip_all => 'openssl makes no certificate';
my $key = 'k' x 32;
my $publisher = $t->start_publisher;
$publisher->table('explain.key', key_table($key));
$t->nginx_conf(<<'END');
gate_limit_zone $gate_client zone=none:64k quota=1/hour;
gate_limit_zone $http_host zone=full:64k quota=1/hour;
gate_board on;
ssl_certificate cert.pem;
ssl_certificate_key key.pem;
server {
    listen 127.0.0.1:%%PORT%%;
    listen 127.0.0.1:%%PORT2%% ssl http2;
    location /old { return 301 https://new.example$request_uri; }
    location /closed { return 444; }
    location /forbidden { return 403; }
    location /empty { return 204; }
    location /text { return 200 "a text of some length\n"; }
    location = /dir/ { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /page { error_page 429 @busy; gate_limit zone=full; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /sent { error_page 403 @named; return 403; }
    location /away { error_page 404 = /page; return 404; }
    location @named { gate_route named; gate_auth token; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location @busy { return 503 "busy\n"; }
    location /denied { error_page 403 @named; deny all; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /real { set_real_ip_from 192.0.2.0/24; real_ip_header X-Real; real_ip_recursive on; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /only { if ($request_method = POST) { return 405; } proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /host { proxy_pass http://127.0.0.1:%%PORT1%%; }
}
server { listen 127.0.0.1:%%PORT1%%; access_log logs/app.log; location / { return 200 "the app\n"; } }
END
$t->start_nginx;
wait_for(sub { raw_explain($t->http, permission($key, target => '/x'))->{status} == 200 }, 10, 'the key');
sub asked ($method, $target, %of) { return explained($t->http, $key, $method, $target, %of) }

subtest 'nginx answers itself' => sub {
    my $trace = asked('GET', '/old/a?b=c');
    is said($trace), 'admitted by nginx with 301: nginx answers itself', 'a redirect';
    is step($trace, 'nginx')->{facts}{redirects_to}, 'https://new.example/old/a?b=c', 'to where';
    is said(asked('GET', '/dir')), 'admitted by nginx with 301: nginx answers itself', 'to a slash';
    is said(asked('GET', '/forbidden')), 'refused by nginx with 403: nginx answers itself';
    is said(asked($_, '/text')), 'admitted by nginx with 200: nginx answers itself', "$_ of a text" for qw(GET HEAD POST);
    is said(asked('GET', '/empty')), 'admitted by nginx with 204: nginx answers itself', 'without a body';
    is said(asked('GET', '/../a')), 'refused by nginx with 400: nginx answers itself', 'a path that it refuses';
    is said(asked('GET', '/%00')), 'refused by nginx with 400: nginx answers itself';
    is said(asked('POST', '/only')), 'refused by nginx with 405: nginx answers itself', 'by the method that is asked about';
    is said(asked('PUT', '/only')), 'admitted by content';
    is eval { asked('GET', '/closed'); 1 }, undef, 'return 444 closes the connection';
};

subtest 'error pages and named locations' => sub {
    $t->get('/page');
    my $trace = asked('GET', '/page');
    is said($trace), 'refused by limit with 429: quota';
    is $trace->{answer}{error_page}, '@busy', 'what would answer instead';
    $trace = asked('GET', '/sent');
    is said($trace), 'refused by auth with 401: no_credentials', 'a request that nginx has sent round is asked about where it went';
    my $place = step($trace, 'location')->{facts};
    is "$place->{pattern} $place->{endpoint} $place->{redirected} $place->{error_page_of}", '@named named 1 403';
    is said(asked('GET', '/away')), 'refused by limit with 429: quota';
    $trace = asked('GET', '/denied');
    is said($trace), 'refused by nginx with 403: allow, deny or auth_basic';
    is $trace->{answer}{error_page}, '@named';
};

subtest 'the client, by realip' => sub {
    my @header = (fields => ['X-Real' => '198.51.100.9, 192.0.2.9']);
    is step(asked('GET', '/real', from => '192.0.2.1', @header), 'client')->{facts}{address}, '198.51.100.9', 'as if a proxy had passed it on';
    is step(asked('GET', '/real', from => '203.0.113.1', @header), 'client')->{facts}{address}, '203.0.113.1', 'or somebody who is none';
};

subtest 'TLS and HTTP/2' => sub {
    for my $version ('--http1.1', '--http2') {
        my $field = 'Gate-Explain: ' . permission($key, target => '/sent', method => 'PATCH', from => '192.0.2.7');
        my $url = 'https://127.0.0.1:' . $t->port(2);
        my ($exit, $out) = $t->run_program(['curl', '-sk', $version, '-H', $field, '-w', '%{http_version}', $url . explain_path(), "$url/text"]);
        my ($json, $protocol) = split /\n/, $out;
        is said(decode_json($json)), 'refused by auth with 401: no_credentials', $version;
        is step(decode_json($json), 'client')->{facts}{address}, '192.0.2.7';
        like $protocol, $version eq '--http2' ? qr/^2/ : qr/^1\.1/;
        like $out, qr/a text of some length/, 'and the next request of the connection is an ordinary one';
    }
};

unlike $t->log_text('app.log'), qr{"[A-Z]+ (?!/page )}, 'the app has seen none of them';
$t->done;
