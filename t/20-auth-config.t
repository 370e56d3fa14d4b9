#!/usr/bin/perl
# nginx -t over gate_auth and its like: what is refused, in which words, at which line; key files; warnings.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(jwks key_pair json encode_base64url);

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');
my $es = key_pair($t, 'ES256', 'es');
my $small = key_pair($t, 'RS256', 'small', 1024);
my $oct = {kty => 'oct', kid => 'o', k => encode_base64url('k' x 32)};
my %file = (
    good => 's' x 32, short => 's' x 31, empty => '', 'good.json' => jwks($es), 'garbage.json' => '{"keys":', 'none.json' => jwks(), 'small.json' => jwks($small), 'mixed.json' => jwks($es, $small),
    'oct.json' => jwks($oct), 'twice.json' => jwks($es, $es), 'empty.json' => '', 'large.json' => ' ' x 1_048_577, 'html.json' => '<html>', 'jwk.json' => json($es->{jwk}), 'many.json' => jwks(map { +{%{$es->{jwk}}, kid => "k$_"} } 1 .. 101));
for my $name (keys %file) {
    $t->write_file($name, $file{$name});
    chmod 0600, $t->dir($name);
}
$t->write_file('open', 's' x 32);
$t->write_file('open.json', jwks($oct));
chmod 0644, $t->dir($_) for qw(open open.json);

# The line of nginx.conf that has the mark.
sub marked () {
    my $n = 0;
    for (split /\n/, read_file($t->dir('nginx.conf'))) { ++$n; return $n if /#!/ }
}

sub refused ($http, $message) {
    $t->nginx_conf($http);
    my ($status, $output) = $t->nginx_test;
    my ($file, $line) = ($t->dir('nginx.conf'), marked());
    my $name = $http =~ s/\s*#!//r;
    ok $status == 1 && $output =~ /\[emerg\] .*$message.* in \Q$file\E:$line\n/, "refused: " . substr $name, 0, 100 or diag $output;
    return;
}

my $key = 'gate_auth jwt; gate_jwt_key';
refused(@$_) for (
    ['gate_auth; #!', 'invalid number of arguments in "gate_auth"'],
    ['gate_auth password; #!', 'invalid value "password" in "gate_auth" directive, it must be "off", or one or more of "token" and "jwt"'],
    ['gate_auth session; #!', 'invalid value "session"'], ['gate_auth token token; #!', 'invalid value "token"'], ['gate_auth off token; #!', 'invalid value "off"'], ['gate_auth token off; #!', 'invalid value "off"'],
    ['gate_auth token; gate_auth token; #!', '"gate_auth" directive is duplicate'],
    ['gate_realm a; gate_realm b; #!', '"gate_realm" directive is duplicate'], ["gate_realm \"a\tb\"; #!", 'in "gate_realm" directive, it must be visible ASCII'], ["gate_realm \"\x{c3}\x{a9}\"; #!", 'it must be visible ASCII'],
    ['gate_require scope=a; #!', '"gate_require" asks nobody without "gate_auth", which is off here'],
    ['server { gate_auth off; gate_require scope=a; #!' . "\n}", '"gate_require" asks nobody'],
    ['gate_auth jwt; #!', '"gate_auth jwt" has no "gate_jwt_key" to verify tokens with'],
    ["gate_auth token;\nserver { location / { gate_auth token jwt; #!\n} location /x { gate_jwt_key secret=good alg=HS256; } }", '"gate_auth jwt" has no "gate_jwt_key"'],
    (map { ["gate_auth token; gate_require $_; #!", "invalid value \"?.*\"? in \"gate_require\" directive, it must be scope=NAME"] }
        'scope=', 'role=', 'user=', 'claim.=x', 'claim.a', 'claim', 'scope', '"scope=a b"', 'scope=*', '"scope=a\"b"', 'group=x', 'x$y', '""'),
    ['gate_auth token; gate_require scope=a; gate_require scope=b scope=a; #!', '"gate_require": "scope=a" is required here already'], ['gate_auth token; gate_require claim.a=1 claim.a=1; #!', 'is required here already'],
    (map { ["gate_token_from $_; #!", 'invalid value ".*" in "gate_token_from" directive, it must be "bearer" \(the field Authorization\), header:NAME, cookie:NAME or query:NAME'] }
        'header', 'header:', 'cookie:', 'query:', 'Bearer', 'basic', '"header:a b"', 'header:Authorization', 'header:cookie', '"cookie:a=b"', '"header:a:b"'),
    ['gate_token_from bearer; gate_token_from bearer; #!', '"gate_token_from" directive is duplicate'], ['gate_token_from header:X-A header:x-a; #!', '"gate_token_from": "header:x-a" is looked for here already'], ['gate_token_from bearer bearer; #!', 'is looked for here already'],
    (map { ["$key $_; #!", '"gate_jwt_key": it must be file=JWKS, secret=FILE alg=HS256, board, or board=NAME'] } 'x', 'secret=good', 'file=good.json alg=ES256', 'board=', 'secret=good HS256', 'alg=HS256 secret=good'),
    (map { ["$key secret=good alg=$_; #!", qr/"gate_jwt_key": "$_" is no algorithm for a secret|"gate_jwt_key": .*HMAC|"gate_jwt_key": .*secret/] } 'XX', 'hs256', 'none'),
    ["$key secret=good alg=RS256; #!", '"gate_jwt_key": '], ["$key secret=short alg=HS256; #!", '"gate_jwt_key": ".*/short": .*(?:31|32|256)'], ["$key secret=good alg=HS512; #!", '"gate_jwt_key": ".*/good": '], ["$key secret=empty alg=HS256; #!", '"gate_jwt_key": ".*/empty": '],
    ["$key secret=missing alg=HS256; #!", '"gate_jwt_key": ".*/missing": No such file or directory'], ["$key file=missing.json; #!", '"gate_jwt_key": ".*/missing.json": No such file or directory'], ["$key file=temp; #!", '"gate_jwt_key": ".*/temp": not a regular file'], ["$key file=/dev/null; #!", 'not a regular file'],
    (map { ["$key file=$_.json; #!", "\"gate_jwt_key\": \".*/$_.json\": .+"] } 'garbage', 'none', 'small', 'twice', 'empty', 'large', 'html', 'jwk', 'many'),
    ['gate_jwt_algorithms; #!', 'invalid number'], ['gate_jwt_algorithms none; #!', 'invalid value "none" in "gate_jwt_algorithms" directive, it must be HS256'], ['gate_jwt_algorithms RS256 rs256; #!', 'invalid value "rs256"'], ['gate_jwt_algorithms RS256; gate_jwt_algorithms ES256; #!', 'is duplicate'],
    ['gate_jwt_issuer ""; #!', 'invalid value "" in "gate_jwt_issuer"'], ['gate_jwt_issuer a; gate_jwt_issuer b; #!', 'is duplicate'], ['gate_jwt_audience a ""; #!', 'invalid value ""'], ['gate_jwt_audience a; gate_jwt_audience b; #!', 'is duplicate'],
    (map { ["gate_jwt_leeway $_; #!", 'in "gate_jwt_leeway" directive, it must be a time of up to 5m'] } '-1', '6m', 'x', '""'), ['gate_jwt_leeway 1s; gate_jwt_leeway 1s; #!', 'is duplicate'],
    ["$key board; " . "gate_jwt_key board;" x 15 . 'gate_jwt_key board; #!', '"gate_jwt_key": there are 16 here already'],
);

sub accepted ($http, $warning = undef) {
    $t->nginx_conf($http);
    my ($status, $output) = $t->nginx_test;
    my @warnings = $output =~ /\[warn\] (.*)/g;
    my $ok = $status == 0 && (defined $warning ? @warnings == 1 && $warnings[0] =~ $warning : !@warnings);
    ok $ok, 'accepted: ' . substr($http, 0, 100) or diag $output;
    return;
}
accepted(@$_) for (
    ['gate_auth token;'], ['gate_auth off;'], ["$key secret=good alg=HS256;"], ["$key file=good.json;"], ["$key file=good.json; gate_jwt_key secret=good alg=HS256; gate_jwt_key board; gate_jwt_key board=x;"], ["$key file=oct.json;"],
    ["$key secret=open alg=HS256;", qr/everybody on this machine may read the secret in ".*\/open": chmod o-r it/], ["$key file=open.json;", qr/everybody on this machine may read/],
    ["$key file=mixed.json;", qr/".*\/mixed.json": .*small/],
    ['gate_auth jwt; server { gate_jwt_key secret=good alg=HS256; }'], ['gate_require scope=a; server { listen 81; gate_auth token; } server { listen 82; gate_auth off; }'],
    ['gate_auth token; gate_realm "a \"b\""; gate_require scope=a:b/c.d "role=x y" user=é claim.a.b= $request_method; gate_token_from bearer header:X-A cookie:c query:q;'],
    ['gate_jwt_algorithms HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA; gate_jwt_issuer a b; gate_jwt_audience c d; gate_jwt_leeway 0;'],
    ['server { location / { limit_except GET { gate_auth token; gate_realm r; gate_require scope=a; gate_token_from bearer; } } }'],
);

subtest 'a reload with a bad key' => sub {
    my $conf = sub ($file) { $t->nginx_conf("server { listen 127.0.0.1:%%PORT%%; $key file=$file; location / { empty_gif; } }") };
    $conf->('good.json');
    $t->start_nginx;
    my @before = $t->nginx_workers;
    $conf->('garbage.json');
    $t->expect_in_logs(qr/\[emerg\] .*gate_jwt_key/);
    kill 'HUP', $t->nginx_pid;
    wait_for(sub { $t->log_text('error.log') =~ /\[emerg\] .*garbage.json/ }, 5, 'refusal');
    is $t->get('/')->{status}, 401, 'the old configuration goes on';
    is_deeply [$t->nginx_workers], \@before, 'with its workers';
};
$t->done;
