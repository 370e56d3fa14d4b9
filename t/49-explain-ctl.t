#!/usr/bin/perl
# gatehousectl explain against the whole product: what it prints and exits with, and that nothing is spent, used or fetched.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
$t->write_file('d.csv', "a\n1\n");
my $config = {
    state => {path => '%%DIR%%/state.db'},
    sources => {d => {kind => 'csv', path => '%%DIR%%/d.csv'}},
    cards => {one => {path => '/api/one', sql => 'select * from d'}, two => {path => '/api/two', sql => 'select * from d', require => ['read']}}};
$t->sidecar_config($config);
$t->start_sidecar;
$t->nginx_conf(<<'END');
gate_limit_zone $gate_client zone=day:64k quota="5/day";
server {
    listen 127.0.0.1:%%PORT%%;
    listen unix:%%DIR%%/nginx.sock;
    server_name one.example;
    location /api/ { gate_board on; gate_limit zone=day count=miss; gate_auth token; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /free { gate_limit zone=day; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /moved { return 302 /free; }
    location /closed { return 444; }
}
server { listen 127.0.0.1:%%PORT1%%; access_log logs/app.log; location / { return 200 "app\n"; } }
END
$t->start_nginx;
$t->wait_in_step;
my $url = 'http://127.0.0.1:' . $t->port;
sub create (@arguments) { return ($t->ctl('token', 'create', @arguments))[1] =~ s/\n//r }
my $token = create(qw(ci --user ada --scope write));
my $late = create(qw(late --user ada));
my $file = $t->write_file('token', "$token\n");
sub json ($method, $path, @more) {
    my ($status, $out, $err) = $t->ctl('-o', 'json', 'explain', $method, "$url$path", @more);
    return ($status, eval { decode_json($out) } // die "exit $status: $out$err");
}
wait_for(sub { $t->get('/api/one')->{status} == 401 }, 20, 'cards');

subtest 'for people' => sub {
    my ($status, $out, $err) = $t->ctl('explain', 'GET', "$url/api/two?x=1", '--from', '192.0.2.7', '--token-file', $file);
    is $status, 5, 'refused: exit 5' or diag $err;
    is $out =~ s/[ ]+$//mgr =~ s/^(not asked:).*/$1/mr, <<"END", 'the table';
STEP      VERDICT    DETAIL
location  -          /api/, server one.example, endpoint /api/
client    -          192.0.2.7, counted as 192.0.2.7
geo       -
cap       -
nginx     -
auth      admits     user ada, by token, token @{[substr $token, 4, 8]}, scopes write
card      refuses    two, requires read, 403, insufficient_scope
limit     (admits)   day at miss: 5/day: 5 left of 5
content   (answers)  proxy_pass, or what else answers in this location
not asked:
answer: refused by card with 403: insufficient_scope
END
    unlike $out, qr/\e/, 'no colours in a pipe';
    ($status, $out) = $t->ctl('explain', 'GET', "$url/api/one", '--token-file', $file);
    is $status, 0, 'admitted: exit 0';
    like $out, qr/^answer: admitted by card with 200$/m;
    my $typescript = $t->write_file('typescript', '');
    $t->run_program(['script', '-qec', join(' ', $t->build . '/gatehousectl', '-s', $t->control_path, 'explain', 'GET', "$url/api/one"), $typescript]);
    like read_file($typescript), qr/\e\[31mrefuses/, 'colours on a terminal';
};

subtest 'what it takes' => sub {
    my ($status, $trace) = json('PUT', '/free', '-H', 'Host: other.example', '--from', '2001:db8::1');
    is $status, 0;
    is_deeply $trace->{request}, {method => 'PUT', target => '/free', host => 'other.example', from => '2001:db8::1'};
    ($status, $trace) = json('GET', '/free', '--to', 'unix:' . $t->dir('nginx.sock'));
    is +(grep { $_->{stage} eq 'client' } @{$trace->{steps}})[0]{facts}{address}, 'unix:', 'a Unix socket';
    ($status, my $out, my $err) = $t->ctl('-o', 'json', 'explain', 'GET', 'http://one.example:9/free', '--to', '127.0.0.1:' . $t->port);
    is $status, 0, 'another address than that of the URL' or diag $err;
    is decode_json($out)->{request}{host}, 'one.example';
    ($status, $trace) = json('GET', '/moved');
    is "$status $trace->{answer}{status}", '0 302', 'what nginx answers itself';
    ($status, $out, $err) = $t->ctl('explain', 'GET', "$url/free", '--token', $token);
    like $err, qr/^gatehousectl: warning: others on this machine can see a token/, 'a token among the arguments gets a warning';
};

subtest 'what goes wrong' => sub {
    my @cases = (
        ['no method', 2, qr/METHOD is required/, 'explain'],
        ['a path', 2, qr/"\/free" is not a URL of http or https/, 'explain', 'GET', '/free'],
        ['another scheme', 2, qr/not a URL of http or https/, 'explain', 'GET', 'ftp://127.0.0.1/free'],
        ['a user', 2, qr/a URL with a user in it/, 'explain', 'GET', 'http://u:p@127.0.0.1/free'],
        ['no method of HTTP', 2, qr/a method has 1 to 32 of A-Z/, 'explain', 'get', "$url/free"],
        ['a method nginx refuses', 2, qr/nginx itself answers 405 to TRACE/, 'explain', 'TRACE', "$url/free"],
        ['no address', 2, qr/"from" is no address/, 'explain', 'GET', "$url/free", '--from', 'localhost'],
        ['no field', 2, qr/a field is "Name: value"/, 'explain', 'GET', "$url/free", '-H', 'nothing'],
        ['no token', 2, qr/cannot read a token from/, 'explain', 'GET', "$url/free", '--token-file', $t->dir('nowhere')],
        ['a long path', 2, qr/up to 4096 bytes/, 'explain', 'GET', "$url/" . 'a' x 5000],
        ['nobody listens', 4, qr/is nginx running there\? See --to/, 'explain', 'GET', 'http://127.0.0.1:' . $t->port(2) . '/'],
        ['who does not explain', 1, qr/what answers .* \(with 200\) does not explain/, 'explain', 'GET', "$url/free", '--to', 'unix:' . $t->dir('other.sock')],
        ['return 444', 1, qr/closed without an answer, as "return 444" does/, 'explain', 'GET', "$url/closed"],
    );
    my $other = Gatehouse->new;
    $other->nginx_conf('server { listen 127.0.0.1:%%PORT%%; listen unix:' . $t->dir('other.sock') . '; location / { return 200; } }');
    $other->start_nginx;
    for my $case (@cases) {
        my ($what, $want, $says, @arguments) = @$case;
        my ($status, $out, $err) = $t->ctl(@arguments);
        is "$status $out", "$want ", "$what: exit $want";
        like $err, $says, "$what: why";
    }
    $other->finish;
};

subtest 'nothing is spent' => sub {
    my $left = sub { return $t->ctl_json('limit', 'show', 'day', '127.0.0.1')->{nginx}[0]{windows}[0]{remaining} };
    is $left->(), 5, 'limit show before';
    json('GET', '/free') for 1 .. 20;
    json('GET', '/api/none', '--token-file', $file) for 1 .. 5;
    is $left->(), 5, 'limit show after 25 questions';
    is join(' ', map { $t->get('/free')->{status} } 1 .. 6), '200 200 200 200 200 429', 'and there were as many';
    my ($status, $trace) = json('GET', '/free');
    is "$status $trace->{answer}{reason}", '5 quota', 'then refused';
    is scalar(() = $t->log_text('app.log') =~ /^/mg), 5, 'the app has seen those five alone';
};

subtest 'the token was not used' => sub {
    my $last_used = sub ($of) { return $t->ctl_json('token', 'show', substr($of, 4, 8))->{last_used_at} };
    is $t->get('/api/one', Authorization => "Bearer $late")->{status}, 200;
    wait_for(sub { $last_used->($late) }, 30, 'what the worker says of another token, used later');
    is $last_used->($token), undef, 'by all the questions about it';
};

subtest 'the sidecar away, and back' => sub {
    $t->stop_sidecar;
    is +($t->ctl('explain', 'GET', "$url/free"))[0], 4, 'nobody to ask for a permission: exit 4';
    $t->start_sidecar;
    wait_for(sub { ($t->ctl('explain', 'GET', "$url/api/one"))[0] == 5 }, 20, 'its new key');
};

$t->done;
