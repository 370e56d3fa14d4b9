#!/usr/bin/perl
# Requests that are explained: what each guard would say, and that nothing is charged, counted or sent on.
use v5.36;
use lib 't/lib';
use MIME::Base64 qw(encode_base64);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token hs256);
use Gatehouse::Explain qw(key_table explained step steps said);
use Gatehouse::Metrics qw(samples);
use Gatehouse::Mmdb qw(mmdb country);
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my $key = 'k' x 32;
my $app = Gatehouse::Upstream->start($t->port(2));
my ($ada, $bob, $old) = map { api_token($_) } 'ADA00001', 'BOB00001', 'OLD00001';
my $publisher = $t->start_publisher;
$publisher->table('explain.key', key_table($key));
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read', plan => 'gold'}, {token => $bob, user => 'bob'}, {token => $old, expires => 1000});
my %body = (json => '{"a":1}', csv => "a\n1\n");
$publisher->card('open', '/cards/open', %body);
$publisher->card('read', '/cards/read', %body, require => 'read');
$publisher->card('gone', '/cards/gone', %body, age_ms => 120_000, max_age_ms => 1000, stale_ms => 1000);
$t->write_file('c.mmdb', mmdb({'192.0.2.0/24' => country('DE'), '198.51.100.0/24' => country('FR')}));
$t->write_file('secret', 's' x 32);
$t->write_file('users', "u:{PLAIN}p\n");
chmod 0600, $t->dir('secret');

$t->nginx_conf(<<'END');
gate_geoip %%DIR%%/c.mmdb;
gate_limit_zone $gate_client zone=client:64k quota="2/hour; 100/day";
gate_limit_zone $gate_client zone=rate:64k rate=1r/m;
gate_limit_zone $gate_client zone=failed:64k quota=1/hour;
gate_limit_zone $gate_client zone=miss:64k quota=1/hour;
gate_limit_zone $gate_user zone=user:64k quota=1/day;
gate_conn_zone $gate_client zone=cap:64k;
limit_req_zone $binary_remote_addr zone=theirs:64k rate=1r/m;
limit_conn_zone $binary_remote_addr zone=theirs_conn:64k;
proxy_set_header X-User $gate_user;
server {
    listen 127.0.0.1:%%PORT%%;
    server_name shop.example;
    gate_client_prefix 24 48;
    location = /metrics { gate_metrics; }
    location /geo { gate_geo_deny country=FR; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold { gate_conn zone=cap 1; gate_conn_status 503; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /limit { gate_route limited; gate_limit zone=client; gate_limit_status 430; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /dry { gate_limit zone=client; gate_limit_dry_run on; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /slow { gate_limit zone=rate burst=5; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /failed { gate_limit zone=failed count=status:404; root temp; }
    location /skip { gate_limit zone=client skip=1; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /auth { gate_auth token jwt; gate_jwt_key secret=secret alg=HS256; gate_require scope=read; gate_limit zone=user stage=identity; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /all { deny 192.0.2.0/24; allow all; auth_basic b; auth_basic_user_file users; gate_auth token; gate_token_from header:X-Key; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /any { satisfy any; allow 192.0.2.0/24; deny all; gate_auth token; gate_require scope=read; gate_limit zone=user stage=identity; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /anybasic { satisfy any; deny all; auth_basic b; auth_basic_user_file users; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /cors { gate_cors origin=https://a.example credentials methods=GET,PUT; gate_auth token; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /cards/ { gate_board on; gate_auth token; satisfy any; allow all; gate_limit zone=miss count=miss; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /mine/ { rewrite ^/mine/(.*) /cards2/$1 last; }
    location /cards2/ { rewrite ^/cards2/(.*) /cards/$1 break; gate_board on; gate_auth token; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /theirs { limit_req zone=theirs; limit_conn theirs_conn 1; auth_request /ask; mirror /ask; try_files $uri =404; root temp; }
    location = /ask { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /write { limit_except GET { deny all; } proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /files { root temp; }
}
server { listen 127.0.0.1:%%PORT1%%; access_log logs/app.log; location / { return 200 "the app\n"; } }
END
$t->start_nginx;
wait_for(sub { $t->get('/cards/open')->{status} == 200 }, 10, 'cards');

sub asked ($method, $target, %of) { return explained($t->http, $key, $method, $target, from => '192.0.2.7', %of) }
sub with ($token) { return (fields => [Authorization => "Bearer $token"]) }
sub counts {
    my $all = samples($t->get('/metrics')->{body});
    return {map { $_ => $all->{$_} } grep { /^(?:http_|gatehouse_(?:limit|connections|decisions|auth|card_served))/ && !m{endpoint="/metrics"} } keys %$all};
}
my $etag = $t->get('/cards/open')->{header}{etag};
my $before = counts();

subtest 'place and client' => sub {
    my $trace = asked('POST', '/limit/a%20b?q=1');
    is_deeply $trace->{request}, {method => 'POST', target => '/limit/a%20b?q=1', host => 'localhost', from => '192.0.2.7'}, 'the request';
    is_deeply step($trace, 'location')->{facts}, {pattern => '/limit', server => 'shop.example', path => '/limit/a b', endpoint => 'limited'}, 'the location';
    is_deeply step($trace, 'client')->{facts}, {address => '192.0.2.7', gate_client => '192.0.2.0/24'}, 'the client, and what it is counted as';
    is step(asked('GET', '/limit', from => '2001:db8:1:2::3'), 'client')->{facts}{gate_client}, '2001:db8:1::/48', 'of IPv6';
    is step(asked('GET', '/limit', from => ''), 'client')->{facts}{address}, '127.0.0.1', 'as it connects';
    is said($trace), 'admitted by content', 'and it would go on to the app';
    like step($trace, 'content')->{facts}{handler}, qr/proxy_pass/;
    is step(asked('GET', '/files/x'), 'content')->{facts}{handler}, 'files', 'or to files';
};

subtest 'geo' => sub {
    my $trace = asked('GET', '/geo', from => '198.51.100.1');
    is said($trace), 'refused by geo with 403: country';
    is step($trace, 'geo')->{facts}{country}, 'FR';
    is step($trace, 'content')->{reached}, JSON::PP::false, 'what stands behind it would not be reached';
    is step(asked('GET', '/geo'), 'geo')->{verdict}, 'admits';
    is step(asked('GET', '/limit'), 'geo')->{verdict}, 'none', 'no rule, no say';
};

subtest 'limits' => sub {
    my ($step) = steps(asked('GET', '/limit'), 'limit');
    is $step->{verdict}, 'admits';
    is_deeply [map { "$_->{window} $_->{limit} $_->{remaining}" } @{$step->{facts}{windows}}], ['2/hour 2 2', '100/day 100 100'], 'what is left';
    is_deeply +(steps(asked('GET', '/limit'), 'limit'))[0]{facts}{windows}, $step->{facts}{windows}, 'and asking again says the same' for 1 .. 3;
    is step(asked('GET', '/skip'), 'limit')->{verdict}, 'none', 'skipped';
    is step(asked('GET', '/slow'), 'limit')->{verdict}, 'admits', 'a rate';
    is_deeply counts(), $before, 'no counter has moved';
};

subtest 'identity' => sub {
    is said(asked('GET', '/auth')), 'refused by auth with 401: no_credentials';
    is said(asked('GET', '/auth', fields => [Authorization => 'Bearer'])), 'refused by auth with 400: malformed_request';
    is said(asked('GET', '/auth', with($old))), 'refused by auth with 401: expired';
    is said(asked('GET', '/auth', with('gth_x'))), 'refused by auth with 401: malformed';
    my $trace = asked('GET', '/auth', with($bob));
    is said($trace), 'refused by auth with 403: insufficient_scope';
    is step($trace, 'auth')->{facts}{unmet}, 'scope:read', 'which one';
    is step($trace, 'auth')->{facts}{user}, 'bob', 'and whose token it is';
    is_deeply [map { "$_->{facts}{zone} $_->{reached}" } steps($trace, 'limit')], ['user 0'], 'a limit behind it is told, too';
    $trace = asked('GET', '/auth', with($ada));
    is said($trace), 'admitted by content';
    my $facts = step($trace, 'auth')->{facts};
    is "$facts->{method} $facts->{user} $facts->{token_id} $facts->{plan} $facts->{scopes}", 'token ada ADA00001 gold read';
    is_deeply [map { $_->{remaining} } @{+(steps($trace, 'limit'))[0]{facts}{windows}}], [1], 'and the limit of her own';
    is said(asked('GET', '/auth', with(hs256({exp => time + 60, sub => 'eve', scope => 'read'}, 's' x 32)))), 'admitted by content', 'a JWT';
    is said(asked('GET', '/auth', with(hs256({exp => time - 600, sub => 'eve'}, 's' x 32)))), 'refused by auth with 401: expired';
    is_deeply counts(), $before, 'no counter has moved';
};

subtest 'satisfy' => sub {
    my @basic = (Authorization => 'Basic ' . encode_base64('u:p', ''));
    is said(asked('GET', '/all')), 'refused by nginx with 403: allow, deny or auth_basic', 'all: nginx says no';
    is step(asked('GET', '/all'), 'auth')->{reached}, JSON::PP::false, 'and gate_auth is told beside it';
    is said(asked('GET', '/all', from => '203.0.113.1')), 'refused by nginx with 401: allow, deny or auth_basic';
    is said(asked('GET', '/all', from => '203.0.113.1', fields => \@basic)), 'refused by auth with 401: no_credentials';
    is said(asked('GET', '/all', from => '203.0.113.1', fields => [@basic, 'X-Key' => $ada])), 'admitted by content';
    my $trace = asked('GET', '/any');
    is said($trace), 'admitted by content', 'any: by the address';
    is step($trace, 'auth')->{verdict}, 'none', 'then no token is asked for';
    is step($trace, 'limit')->{verdict}, 'none', 'so that nobody is known';
    is said(asked('GET', '/any', from => '203.0.113.1')), 'refused by auth with 401: no_credentials', 'any: the last word is that of gate_auth';
    is said(asked('GET', '/any', from => '203.0.113.1', with($bob))), 'refused by auth with 403: insufficient_scope';
    is said(asked('GET', '/any', from => '203.0.113.1', with($ada))), 'admitted by content', 'any: by a token';
    is said(asked('GET', '/anybasic')), 'refused by nginx with 401: allow, deny or auth_basic', 'any without gate_auth: 401 before 403';
    is said(asked('GET', '/anybasic', fields => \@basic)), 'admitted by content';
    is said(asked('GET', '/write')), 'admitted by content', 'limit_except';
    is said(asked('DELETE', '/write')), 'refused by nginx with 403: allow, deny or auth_basic';
};

subtest 'CORS' => sub {
    my @origin = (Origin => 'https://a.example');
    my $trace = asked('OPTIONS', '/cors', fields => [@origin, 'Access-Control-Request-Method' => 'PUT']);
    is said($trace), 'admitted by cors with 204', 'a preflight is answered, before anybody is asked for a token';
    is step($trace, 'cors')->{facts}{preflight_granted}, JSON::PP::true;
    is_deeply [steps($trace, 'auth')], [];
    is step(asked('OPTIONS', '/cors', fields => [@origin, 'Access-Control-Request-Method' => 'DELETE']), 'cors')->{facts}{preflight_granted}, JSON::PP::false;
    is step(asked('GET', '/cors', fields => [@origin]), 'cors')->{facts}{allowed}, JSON::PP::true;
    is step(asked('GET', '/cors', fields => [Origin => 'https://b.example']), 'cors')->{facts}{allowed}, JSON::PP::false;
};

subtest 'cards' => sub {
    my $trace = asked('GET', '/cards/open?format=csv');
    is said($trace), 'admitted by card with 200';
    is join(' ', @{step($trace, 'card')->{facts}}{qw(card format state)}), 'open csv fresh';
    is scalar(grep { ($_->{facts}{zone} // '') eq 'miss' } steps($trace, 'limit')), 0, 'a hit is free';
    is said(asked('GET', '/cards/open?format=xml')), 'refused by card with 400: the card does not have that format';
    is said(asked('PUT', '/cards/open')), 'refused by card with 405: only GET and HEAD';
    is said(asked('GET', '/cards/gone')), 'refused by card with 503: the data are too old';
    is said(asked('GET', '/cards/read')), 'refused by card with 401: no_credentials', 'nobody is known, as satisfy let it in';
    is said(asked('GET', '/mine/read', with($bob))), 'refused by card with 403: insufficient_scope', 'behind rewrites';
    is said(asked('GET', '/mine/read', with($ada))), 'admitted by card with 200';
    is said(asked('GET', '/cards/open', fields => ['If-None-Match' => $etag])), 'admitted by card with 304';
    is said(asked('GET', '/cards/open', fields => ['If-Match' => '"x"'])), 'refused by card with 412: a precondition fails';
    $trace = asked('GET', '/cards/none');
    is said($trace), 'admitted by content', 'a miss';
    is step($trace, 'card')->{reason}, 'no card has this path';
    is +(grep { ($_->{facts}{zone} // '') eq 'miss' } steps($trace, 'limit'))[0]{verdict}, 'admits';
    is_deeply counts(), $before, 'no counter has moved';
};

subtest 'guards that count, or ask others, are not asked' => sub {
    my $trace = asked('GET', '/theirs');
    is_deeply $trace->{not_asked}, [qw(limit_conn limit_req auth_request mirror try_files)], 'and it says so';
    is said($trace), 'admitted by content';
    asked('GET', '/theirs') for 1 .. 3;
    is $t->get('/theirs')->{status}, 404, 'limit_req has not been charged: the first real request passes' or diag $t->log_text('error.log');
};

subtest 'what it says is what happens, and nothing was spent' => sub {
    my ($first) = map { s/^.*"GET \/ask.*\n//mgr } $t->log_text('app.log');
    is $first, '', 'the app has seen nobody';
    my $real = sub ($path, %headers) { return $t->get($path, %headers)->{status} };
    is join(' ', map { $real->('/limit') } 1 .. 3), '200 200 430', 'all of the quota was there';
    my $trace = asked('GET', '/limit', from => '');
    is said($trace), 'refused by limit with 430: quota', 'a quota that is used up';
    my ($used, $left) = @{+(steps($trace, 'limit'))[0]{facts}{windows}};
    ok $used->{retry_after_s} > 0 && $used->{retry_after_s} <= 3600 && !$used->{admits}, 'until when' or diag explain $used;
    is $left->{remaining}, 98, 'and the other window';
    is said(asked('GET', '/limit')), 'admitted by content', 'not of others';
    is said(asked('GET', '/dry', from => '')), 'admitted by content', 'a dry run has no effect';
    my $dry = step(asked('GET', '/dry', from => ''), 'limit');
    is "$dry->{verdict} $dry->{dry_run}", 'refuses 1', 'but is told';
    is $real->('/failed/x'), 404;
    is said(asked('GET', '/failed/x', from => '')), 'refused by limit with 429: quota', 'counted by status';
    is $real->('/cards/none'), 200;
    is said(asked('GET', '/cards/none', from => '')), 'refused by limit with 429: quota', 'of what the board does not have';
    $real->('/slow');
    my $slow = step(asked('GET', '/slow', from => ''), 'limit');
    is $slow->{verdict}, 'delays', 'a request that would wait';
    ok $slow->{delay_ms} > 50_000 && $slow->{delay_ms} <= 62_500, "for $slow->{delay_ms} ms";
    is $real->('/auth', Authorization => "Bearer $ada"), 200;
    is said(asked('GET', '/auth', with($ada))), 'refused by limit with 429: quota', 'her own limit, from anywhere';
};

subtest 'caps' => sub {
    my $cap = sub { return step(asked('GET', '/hold', from => ''), 'cap') };
    is_deeply $cap->()->{facts}, {zone => 'cap', class => 'any', limit => 1, in_use => 0}, 'nobody is in it, however often it is asked' for 1 .. 3;
    is $cap->()->{verdict}, 'admits';
    my $http = $t->http->connect;
    $http->send($http->format({path => '/hold'}));
    $app->wait_for_active(1);
    is said(asked('GET', '/hold', from => '')), 'refused by cap with 503: concurrency', 'one is in it';
    is $cap->()->{facts}{in_use}, 1;
    is $cap->()->{facts}{in_use}, 1, 'and asking takes no place';
    is said(asked('GET', '/hold')), 'admitted by content', 'another client';
    $app->release;
    $http->read_response;
};

unlike $t->log_text('access.log'), qr/gth_|Gate-Explain|192\.0\.2/, 'nothing of it in the access log but its path';
$t->done;
