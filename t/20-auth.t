#!/usr/bin/perl
# gate_auth: who comes in, and what the others are told; forms of the Authorization field; HTTP's corners.
use v5.36;
use lib 't/lib';
use IO::Select;
use JSON::PP ();
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token);
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my ($ada, $bob) = map { api_token($_) } 'ADA00001', 'BOB00001';
my $app = Gatehouse::Upstream->start($t->port(2));
my $publisher = $t->start_publisher;
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read write', plan => 'gold'}, {token => $bob, user => 'bob', scopes => 'read'});

$t->nginx_conf(<<'END');
client_max_body_size 2g;
server {
    listen 127.0.0.1:%%PORT%%;
    listen 127.0.0.1:%%PORT1%% http2;
    gate_auth token;
    location / { empty_gif; }
    location /app/ { proxy_pass http://127.0.0.1:%%PORT2%%/; }
    location /open { gate_auth off; empty_gif; }
    location /realm { gate_realm "a \"b\" \\ c"; empty_gif; }
    location /page { error_page 401 403 = /said; empty_gif; }
    location /kept { error_page 401 /said; empty_gif; }
    location = /said { gate_auth off; return 200 "page of $gate_auth_reason\n"; }
}
END
$t->start_nginx;

my %bearer = (Authorization => "Bearer $ada");
my $plain = 'Bearer realm="gatehouse"';
sub challenge ($r) { return $r->{header}{'www-authenticate'} }

subtest 'without credentials' => sub {
    my $r = $t->get('/x?y=z');
    is $r->{status}, 401;
    is challenge($r), $plain, 'no error code';
    is $r->{header}{'cache-control'}, 'no-store';
    is $r->{header}{'content-type'}, 'application/problem+json';
    my $problem = JSON::PP::decode_json($r->{body});
    is_deeply [@$problem{qw(type title status instance)}], ['about:blank', 'Unauthorized', 401, '/x'], 'a problem of RFC 9457';
    like $problem->{request_id}, qr/^[0-9a-f]{32}$/;
    $r = $t->get('/x', Accept => 'text/html,application/xhtml+xml,*/*;q=0.8');
    like "$r->{header}{'content-type'} $r->{body}", qr{^text/html.*<html}s, 'a page for a browser';
    is challenge($r), $plain;
    $r = $t->head('/x');
    is "$r->{status} $r->{body}", '401 ', 'HEAD';
    is challenge($t->get('/realm')), 'Bearer realm="a \"b\" \\\\ c"', 'a realm is a quoted-string';
    is $t->get('/open')->{status}, 200, 'gate_auth off';
};

subtest 'with a token' => sub {
    is $t->get('/x', Authorization => $_)->{status}, 200, "«$_»" for "Bearer $ada", "bearer $bob", "BEARER $ada", "bEaReR   $ada", "Bearer $ada  ";
    is $t->get('/x', $_ => $ada)->{status}, 200, $_ for qw(X-API-Token x-api-key);
    my $r = $t->get('/x', %bearer);
    is challenge($r), undef, 'no challenge';
};

subtest 'what is malformed: 400' => sub {
    my @bad = ('Bearer', 'Bearer ', 'bearer', "Bearer\t", 'Bearer a b', 'Bearer a,b', 'Bearer "a"', 'Bearer =', 'Bearer a=b', "Bearer $ada $ada", "Bearer $ada,$bob", "Bearer a\x{e9}", 'Bearer a;b', 'Bearer token=a');
    for my $value (@bad) {
        my $r = $t->get('/x', Authorization => $value);
        is $r->{status}, 400, "«$value»";
        is challenge($r), "$plain, error=\"invalid_request\"";
        is $r->{header}{'cache-control'}, 'no-store';
    }
    my %two = (
        'two tokens' => [%bearer, 'X-API-Token' => $ada], 'two fields' => ['X-API-Key' => $ada, 'X-API-Token' => $ada],
        'one field twice' => ['X-API-Key' => $ada, 'X-API-Key' => $ada], 'an empty field' => ['X-API-Key' => ''],
        'a token and an empty bearer' => [Authorization => 'Bearer', 'X-API-Key' => $ada],
        'two Authorization' => [%bearer, %bearer], 'two schemes' => [%bearer, Authorization => 'Basic YTpi'],
    );
    is $t->request({path => '/x', headers => $two{$_}})->{status}, 400, $_ for sort keys %two;
    is $t->get("/x?access_token=$ada", %bearer)->{status}, 400, 'a token and one in the query';
    my $r = $t->get("/x?access_token=$ada");
    is "$r->{status} " . challenge($r), "401 $plain", 'in the query alone: not looked for';
};

subtest 'other schemes are others\' business' => sub {
    is challenge($t->get('/x', Authorization => $_)), $plain, "«$_»" for 'Basic YTpi', 'Bearers x', 'Bear', 'Negotiate abc', 'bearer-x y', "$ada";
    is $t->get('/x', Authorization => 'Basic YTpi', 'X-API-Key' => $ada)->{status}, 200, 'beside a token elsewhere';
};

subtest 'what is no token of anybody: 401 invalid_token' => sub {
    my ($id, $secret) = $ada =~ /^gth_(.{8})_(.{32})/;
    my %bad = (
        'a prefix' => substr($ada, 0, -1), 'a character more' => "${ada}0", 'unknown' => api_token('NOBODY01'),
        'the id of one, the secret of another' => api_token('ADA00001', 2), 'a wrong checksum' => substr($ada, 0, 45) . '000000',
        'lower case' => lc $ada, 'an id alone' => $id, 'foreign, where there are none' => 'abcdef1234567890',
        'very long' => 'x' x 7000, 'three more characters' => "${ada}abc", 'equals behind' => "$ada==",
    );
    my %body;
    for my $name (sort keys %bad) {
        my $r = $t->get('/x', Authorization => "Bearer $bad{$name}");
        is "$r->{status} " . challenge($r), "401 $plain, error=\"invalid_token\"", $name;
        ++$body{$r->{body} =~ s/"request_id":"\w+"//r};
    }
    is_deeply [map { JSON::PP::decode_json(s/,\}/}/r)->{detail} } keys %body], ['Invalid token'], 'and all get the same words';
    is $t->request({path => '/x', headers => ["X-API-Key" => "$ada\t"]})->{status}, 401, 'a tab behind it';
};

subtest 'HTTP' => sub {
    my $r = $t->request("GET /x HTTP/1.0\r\n\r\n");
    is "$r->{status} " . challenge($r), "401 $plain", 'HTTP/1.0';
    my $http = $t->http->connect;
    $http->send("GET /x\r\n");
    1 while $http->more(now() + 10);
    like $http->{buffer}, qr/^\{"type":"about:blank","title":"Unauthorized"/, 'HTTP/0.9: the body alone, and the end';
    my $h2 = sub (@headers) {
        my ($exit, $out) = $t->run_program(['curl', '-s', '--http2-prior-knowledge', '-i', map({ ('-H', $_) } @headers), 'http://127.0.0.1:' . $t->port(1) . '/x']);
        return join ' ', $out =~ m{^HTTP/2 (\d+)}, $out =~ /^www-authenticate: (.*)\r$/mi;
    };
    is $h2->(), "401 $plain", 'HTTP/2';
    is $h2->("Authorization: Bearer $ada"), '200', 'with a token';
    is $h2->('Authorization: Bearer a b'), "400 $plain, error=\"invalid_request\"", 'malformed';
    like $h2->("Authorization: Bearer $ada", "Authorization: Bearer $ada"), qr/^400/, 'two fields';
};

subtest 'a body that nobody wants' => sub {
    my $http = $t->http(0, keepalive => 1)->connect;
    $http->send("POST /app/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n");
    is $http->read_response->{status}, 401, '1 GB is refused before it is there';
    my $sent = 0;
    my $more = eval { for (1 .. 1024) { $http->send('x' x 1_048_576); $sent += 1_048_576 } 1 };
    if ($more) {
        $http->send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n");
        is $http->read_response->{status}, 200, 'thrown away, and the next request of the connection is read';
    } else {
        pass "the connection was closed after $sent bytes";
    }
    $http = $t->http(0, keepalive => 1)->connect;
    $http->send(join '', map { $http->format({method => 'POST', path => $_, body => "GET /none HTTP/1.1\r\n\r\n"}) } '/x', '/said', '/x', '/said');
    is join(' ', map { $http->read_response->{status} } 1 .. 4), '401 200 401 200', 'in a pipeline';
    ok !IO::Select->new($http->{socket})->can_read(0.1), 'no body was read as a request';
    for my $case (["Authorization: Bearer $ada\r\n", 100], ['', 401]) {
        $http = $t->http->connect;
        $http->send("POST /app/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n$case->[0]\r\n");
        IO::Select->new($http->{socket})->can_read(5) && sysread $http->{socket}, my $text, 65_536;
        like $text, qr{^HTTP/1.1 $case->[1] }, "Expect: 100-continue: $case->[1]";
    }
};

subtest 'error_page' => sub {
    my $r = $t->get('/page');
    is "$r->{status} $r->{body}", "200 page of no_credentials\n", 'for 401, with another status';
    $r = $t->get('/kept');
    is "$r->{status} $r->{body}", "401 page of no_credentials\n", 'with its own';
    is challenge($r), $plain, 'keeps the challenge';
};

# Of what comes before its first phase nginx says what it likes.
my $log = $t->log_text('error.log') =~ s/^.*client sent duplicate header line.*\n//mgr;
unlike $log . $t->log_text('access.log'), qr/\Q$_\E/, 'no token in a log' for $ada, $bob;
$t->done;
