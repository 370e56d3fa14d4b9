#!/usr/bin/perl
# Fields by which apps are told who a request is from: a client's own never arrive, by any protocol; variables; limits by identity.
use v5.36;
use lib 't/lib';
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token hs256);
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 5);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my ($ada, $bob) = map { api_token($_) } 'ADA00001', 'BOB00001';
my $app = Gatehouse::Upstream->start($t->port(2));
my $publisher = $t->start_publisher;
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read write', plan => 'gold'}, {token => $bob, user => 'bob', scopes => 'read'});
$t->write_file('secret', 's' x 32);
chmod 0600, $t->dir('secret');

# Keeps what FastCGI, uwsgi and SCGI requests are made of, and answers none.
my $recorder = do {
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $t->port(3), Listen => 50, ReuseAddr => 1) or die $!;
    my $pid = fork // die;
    if (!$pid) {
        $SIG{TERM} = sub { POSIX::_exit(0) };
        my $n = 0;
        while (my $peer = $listener->accept) {
            my $bytes = '';
            while (IO::Select->new($peer)->can_read(0.3)) { sysread($peer, $bytes, 65_536, length $bytes) or last }
            $t->write_file('record' . ++$n, $bytes);
            close $peer;
        }
        POSIX::_exit(0);
    }
    bless {pid => $pid, name => 'recorder'}, 'Gatehouse::Process';
};
push @{$t->{processes}}, $recorder;

$t->nginx_conf(<<'END');
log_format who '$uri user=$gate_user method=$gate_auth_method reason=$gate_auth_reason id=$gate_token_id scopes=$gate_scopes plan=$gate_plan n=$gate_claim_n nested=$gate_claim_a__b list=$gate_claim_list flag=$gate_claim_flag none=$gate_claim_none';
access_log logs/access-who.log who;
underscores_in_headers on; ignore_invalid_headers off;
map $gate_plan $quota { gold 5/hour; default 2/hour; }
map $gate_token_id $stop { default ""; ADA00001 once; }
gate_limit_zone $gate_token_id zone=tokens:256k quota=$quota;
gate_conn_zone $gate_token_id zone=open:64k;
server {
    listen 127.0.0.1:%%PORT%%;
    listen 127.0.0.1:%%PORT1%% http2;
    gate_auth token jwt; gate_jwt_key secret=secret alg=HS256; gate_realm x;
    location /echo { proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /echo-set { proxy_pass http://127.0.0.1:%%PORT2%%; proxy_set_header X-Forwarded-User $gate_user; proxy_set_header X-User "$http_x_user.$http_gate_identity"; }
    location /echo-open { gate_auth off; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /fastcgi { fastcgi_pass 127.0.0.1:%%PORT3%%; fastcgi_param X y; }
    location /uwsgi { uwsgi_pass 127.0.0.1:%%PORT3%%; uwsgi_param X y; }
    location /scgi { scgi_pass 127.0.0.1:%%PORT3%%; scgi_param X y; }
    location /grpc { grpc_pass grpc://127.0.0.1:%%PORT4%%; }
    location /limited { gate_limit zone=tokens stage=identity; empty_gif; }
    location /hold { gate_conn zone=open 1; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /x { empty_gif; }
}
server { listen 127.0.0.1:%%PORT4%% http2; underscores_in_headers on; location / { return 200 "[$http_gate_identity|$http_x_forwarded_user|$http_x_user|$http_kept]"; } }
END
$t->start_nginx;
my %bearer = (Authorization => "Bearer $ada");

my @names = qw(Gate-Identity gate-identity GATE_IDENTITY Gate_Identity gate.identity X-Forwarded-User x_forwarded_user X-Forwarded_User X-FORWARDED-USER X-Forwarded-Email X-Forwarded-Groups
    X-Forwarded-Preferred-Username X-Auth-Request-User X-Remote-User Remote-User REMOTE_USER X-User x.user);
my @all = map { ($_ => "evil") } @names;

subtest 'HTTP/1.1' => sub {
    my $r = $t->request({path => '/echo', headers => [%bearer, @all, Kept => 'good', 'X-Users' => 'good', 'X-Forwarded-For' => 'good']});
    is $r->{status}, 200;
    unlike $r->{body}, qr/evil/, 'none of ' . @names . ' arrives';
    like $r->{body}, qr/^Kept: good\r\n^X-Users: good\r\n^X-Forwarded-For: good\r$/m, 'others do, also those behind';
    unlike $r->{body}, qr/Keep-Alive/i, 'nor is anything in their place';
    for my $name (@names) {
        unlike $t->request({path => '/echo', headers => [%bearer, $name => 'evil']})->{body}, qr/evil/, $name;
    }
    $r = $t->request({path => '/echo-set', headers => [%bearer, @all]});
    like $r->{body}, qr/^X-Forwarded-User: ada\r$/m, 'what proxy_set_header sets does';
    like $r->{body}, qr/^X-User: \.\r$/m, 'and variables of the client\'s fields are empty';
    unlike $r->{body}, qr/evil/;
    my $many = [%bearer, map { ("H$_" => 'good') } 1 .. 60];
    $r = $t->request({path => '/echo', headers => [@$many, 'X-User' => 'evil', map { ("I$_" => 'good') } 1 .. 30]});
    is scalar(() = $r->{body} =~ /good/g), 90, 'among a hundred';
    unlike $r->{body}, qr/evil/;
    $r = $t->request({path => '/echo-open', headers => [@all]});
    unlike $r->{body}, qr/identity/i, 'Gate-Identity arrives nowhere';
    like $r->{body}, qr/^X-Forwarded-User: evil\r$/m, 'the others do where nobody\'s identity is asked for: another proxy may have set them';
};

subtest 'HTTP/2' => sub {
    my ($exit, $out) = $t->run_program(['curl', '-s', '--http2-prior-knowledge', map({ ('-H', "$_: evil") } @names), '-H', 'Kept: good', '-H', "Authorization: Bearer $ada", 'http://127.0.0.1:' . $t->port(1) . '/echo']);
    like $out, qr/^kept: good\r$/m;
    unlike $out, qr/evil/, 'none of them arrives';
};

subtest 'other protocols' => sub {
    my $n = 0;
    for my $protocol (qw(fastcgi uwsgi scgi)) {
        eval { $t->request({path => "/$protocol", headers => [%bearer, @all, Kept => 'good']}) };
        my $bytes = wait_for(sub { read_file($t->dir('record' . ($n + 1))) }, 10, 'record');
        ++$n;
        like $bytes, qr/HTTP_KEPT.{0,8}good/s, "$protocol: others arrive";
        unlike $bytes, qr/evil/, 'none of them does';
    }
    $t->expect_in_logs(qr/upstream/);
    is $t->request({method => 'POST', path => '/grpc', headers => [%bearer, @all, Kept => 'good'], body => 'x'})->{body}, '[|||good]', 'grpc';
};

sub logged ($path) {
    my $line = wait_for(sub { my ($found) = grep { /^\Q$path\E / } split /\n/, $t->log_text('access-who.log'); $found }, 5, "line of $path");
    return $line =~ s/^\S+ //r;
}

subtest 'variables' => sub {
    $t->get('/x/token', %bearer);
    is logged('/x/token'), 'user=ada method=token reason=ok id=ADA00001 scopes=read write plan=gold n=- nested=- list=- flag=- none=-', 'of an API token';
    my $jwt = hs256({sub => 'eve', exp => time + 60, n => 7, a => {b => 'in'}, list => ['x', 'y'], flag => JSON::PP::true(), none => undef, scope => 'a b', roles => ['c'], jti => 'j1', plan => 'free', crlf => "a\r\nb"}, 's' x 32);
    $t->get('/x/jwt', Authorization => "Bearer $jwt");
    is logged('/x/jwt'), 'user=eve method=jwt reason=ok id=j1 scopes=a b c plan=free n=7 nested=in list=x,y flag=true none=-', 'of a JWT';
    $t->get('/x/nobody');
    is logged('/x/nobody'), 'user=- method=- reason=no_credentials id=- scopes=- plan=- n=- nested=- list=- flag=- none=-', 'of nobody';
    $t->get('/x/bad', Authorization => 'Bearer x');
    like logged('/x/bad'), qr/^user=- method=- reason=unknown /, 'of who is refused, with the reason that the client is not told';
    my $split = hs256({sub => "eve\r\nX: y", exp => time + 60}, 's' x 32);
    my $r = $t->get('/echo-set', Authorization => "Bearer $split");
    unlike $r->{body}, qr/^X: y/m, 'a user with a line end in his name adds no field';
};

subtest 'limits and caps' => sub {
    is join(' ', map { $t->get('/limited', %bearer)->{status} } 1 .. 6), '200 200 200 200 200 429', 'the plan\'s quota';
    is join(' ', map { $t->get('/limited', Authorization => "Bearer $bob")->{status} } 1 .. 3), '200 200 429', 'that of another';
    is join(' ', map { $t->get('/limited')->{status} } 1 .. 4), '401 401 401 401', 'nobody spends anything';
    is $t->get('/limited', Authorization => 'Bearer ' . api_token('BOB00001', 7))->{header}{ratelimit}, undef, 'who is refused is told of no quota';
    my $held = $t->http->connect;
    $held->send($held->format({path => '/hold', headers => {%bearer}}));
    $app->wait_for_active(1);
    is $t->get('/hold')->{status}, 401, 'a cap by identity';
    $app->release;
};

$t->done;
