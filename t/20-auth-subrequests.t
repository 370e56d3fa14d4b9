#!/usr/bin/perl
# Subrequests to protected content: SSI, auth_request, mirror, addition; each is judged by its own location.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token hs256);
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my $ada = api_token('ADA00001');
my $app = Gatehouse::Upstream->start($t->port(2));
my $publisher = $t->start_publisher;
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read'});
$publisher->card('secret', '/cards/secret', json => '{"card":"secret"}', require => 'read');
$t->write_file($_, ($_ x 4) . "\n") for qw(inner outer);
chmod 0600, $t->dir($_) for qw(inner outer);
$t->write_file('temp/secret.txt', 'SECRET');
$t->write_file('temp/open.txt', 'OPEN');
$t->write_file('temp/page.shtml', '[<!--#include virtual="/prot/secret.txt" -->][<!--#include virtual="/open.txt" -->]');
$t->write_file('temp/deep.shtml', '(<!--#include virtual="/ssi/page.shtml" -->)');
$t->write_file('temp/card.shtml', '[<!--#include virtual="/cards/secret" -->]');
$t->write_file('temp/stub.shtml', '<!--# block name="stub" -->sorry<!--# endblock -->[<!--#include virtual="/prot/secret.txt" stub="stub" -->]');
$t->write_file('temp/who.shtml', '[<!--#include virtual="/who?a" -->][<!--#echo var="gate_user" default="nobody" -->]');

$t->nginx_conf(<<'END');
log_format who "$uri $gate_user $gate_auth_reason"; access_log logs/access.log who;
server {
    listen 127.0.0.1:%%PORT%%;
    root temp; ssi on; ssi_silent_errors on; default_type text/html;
    location /prot/ { alias temp/; gate_auth token; gate_require scope=read; }
    location /ssi/ { alias temp/; }
    location /guarded/ { alias temp/; gate_auth token; }
    location = /cards/secret { gate_board on; }
    location = /cards/page { gate_auth token; default_type text/html; alias temp/card.shtml; }

    location /ask { auth_request /door; auth_request_set $who $gate_user; add_header X-Who $who; add_header X-Own "$gate_user."; empty_gif; }
    location = /door { gate_auth token; empty_gif; }
    location = /door2 { gate_auth token; proxy_pass http://127.0.0.1:%%PORT1%%/; proxy_pass_request_body off; }
    location /ask2 { auth_request /door2; empty_gif; }

    location /mirrored { mirror /copy; proxy_pass http://127.0.0.1:%%PORT2%%/echo; }
    location = /copy { internal; gate_auth token; proxy_pass http://127.0.0.1:%%PORT1%%/copied; }

    location /add/ { alias temp/; ssi off; addition_types *; add_before_body /prot/secret.txt; add_after_body /open.txt; }

    # Subrequests that go on where their parent is.
    location /slice/ { gate_auth token; slice 2; proxy_set_header Range $slice_range; proxy_http_version 1.1; proxy_pass http://127.0.0.1:%%PORT1%%/files/; }

    # Two issuers: one that anybody gets a token of, one of the house.
    location /twofold { gate_auth jwt; gate_jwt_key secret=outer alg=HS256; gate_token_from header:X-Out; alias temp/who.shtml; default_type text/html; }
    location /who { gate_auth jwt; gate_jwt_key secret=inner alg=HS256; gate_token_from header:X-In;
        proxy_pass http://127.0.0.1:%%PORT1%%/; proxy_set_header X-Forwarded-User $gate_user; }
}
server { listen 127.0.0.1:%%PORT1%%; access_log logs/copied.log; location /files/ { alias temp/; }
    location / { default_type text/html; return 200 "told $http_x_forwarded_user"; } location /copied { return 200 "copied $http_x_forwarded_user"; } }
END
$t->write_file('outer', 'o' x 32);
$t->write_file('inner', 'i' x 32);
$t->start_nginx;
$t->wait_for_answer('/cards/secret', 401);

my %bearer = (Authorization => "Bearer $ada");
sub body ($path, %headers) { return $t->get($path, %headers)->{body} =~ s/\n//gr }

subtest 'SSI' => sub {
    my $r = $t->get('/ssi/page.shtml');
    is $r->{status}, 200, 'an open page';
    unlike $r->{body}, qr/SECRET/, 'that includes a protected one, which is not served';
    like $r->{body}, qr/\[OPEN\]$/, 'what is open is';
    is body('/ssi/page.shtml', %bearer), '[SECRET][OPEN]', 'with a token all of it is';
    unlike body('/ssi/deep.shtml'), qr/SECRET/, 'two levels deep';
    is body('/ssi/deep.shtml', %bearer), '([SECRET][OPEN])';
    unlike body('/ssi/page.shtml', Authorization => "Bearer $ada$ada"), qr/SECRET/, 'with a bad token';
    unlike body('/ssi/page.shtml', Authorization => 'Bearer'), qr/SECRET/, 'with none at all in its field';
    is body('/guarded/page.shtml', %bearer), '[SECRET][OPEN]', 'from a page that is guarded, too';
    unlike body('/ssi/card.shtml'), qr/"card"/, 'a card that requires a scope';
    unlike body('/ssi/card.shtml', %bearer), qr/"card"/, 'which nobody proves on an open page';
    is body('/cards/page', %bearer), '[{"card":"secret"}]', 'but on a guarded one';
    unlike body('/ssi/stub.shtml'), qr/SECRET/, 'a stub';
};

subtest 'auth_request' => sub {
    my $r = $t->get('/ask');
    is "$r->{status} $r->{header}{'www-authenticate'}", '401 Bearer realm="gatehouse"', 'the challenge reaches the client';
    $r = $t->get('/ask', Authorization => 'Bearer x');
    is "$r->{status} $r->{header}{'www-authenticate'}", '401 Bearer realm="gatehouse", error="invalid_token"';
    $r = $t->get('/ask', Authorization => 'Bearer a b');
    is "$r->{status} $r->{header}{'www-authenticate'}", '401 Bearer realm="gatehouse", error="invalid_request"', 'malformed: 401, as auth_request knows no 400';
    $r = $t->get('/ask2', Authorization => 'Bearer a b');
    is $r->{status}, 401, 'before a proxy';
    is $t->get('/ask2', %bearer)->{status}, 200;
    $r = $t->get('/ask', %bearer);
    is "$r->{status} $r->{header}{'x-who'} $r->{header}{'x-own'}", '200 ada .', 'whom it proved is the subrequest\'s to tell: auth_request_set';
};

subtest 'mirror' => sub {
    my $copied = sub { scalar(() = ($t->log_text('copied.log') =~ m{/copied}g)) };
    is $t->get('/mirrored')->{status}, 200, 'the request itself is open';
    is $t->get('/mirrored', %bearer)->{status}, 200;
    wait_for(sub { $copied->() }, 10, 'copy');
    is $copied->(), 1, 'its copy goes where a token is asked for with a token alone';
    my $r = $t->get('/mirrored', 'X-Forwarded-User' => 'root', 'X-User' => 'root');
    like $r->{body}, qr/^X-Forwarded-User: root\r$/m, 'what the copy must not believe, the request itself still has';
};

subtest 'add_before_body' => sub {
    unlike body('/add/open.txt'), qr/SECRET/, 'not without a token';
    is body('/add/open.txt', %bearer), 'SECRETOPENOPEN';
};

subtest 'slice' => sub {
    is body('/slice/secret.txt', %bearer), 'SECRET', 'three parts, three requests of the app';
    is $t->get('/slice/secret.txt')->{status}, 401;
};

subtest 'whom each believes' => sub {
    my ($out, $in) = map { hs256({sub => $_, exp => time + 60}, substr($_, 0, 1) x 32) } qw(outer-ada inner-bob);
    is body('/twofold', 'X-Out' => $out, 'X-In' => $in), '[told inner-bob][outer-ada]', 'a subrequest is told its own user, its parent keeps its own';
    unlike body('/twofold', 'X-Out' => $out), qr/told/, 'one that is good there alone does not open this';
    is body('/twofold', 'X-Out' => $out, 'X-In' => $in, 'X-Forwarded-User' => 'root'), '[told inner-bob][outer-ada]', 'and what a client says of himself does not count';
    my ($line) = grep { m{^/twofold} } reverse split /\n/, $t->log_text('access.log');
    is $line, '/twofold outer-ada ok', 'in the log the parent\'s';
};

$t->done;
