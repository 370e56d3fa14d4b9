#!/usr/bin/perl
# gate_compute beside other directives: limits, caps and identity in both locations, redirects, subrequests, one process.
use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use MIME::Base64 qw(decode_base64url);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token);

my $ada = api_token('ADA00001');
my @identity_key = ('identity.key', 'GTHIDK01' . 's' x 32);

# --- a request is charged once ---
my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my $publisher = $t->start_publisher;
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read'});
$publisher->table(@identity_key);
$publisher->paths(['run', '/api/runs/{id}', 'q'], ['mine', '/mine/{id}', '', 'read'], ['free', '/free/{id}'], ['page', '/pages/{name}']);
$publisher->card('fallback', '/cards/fallback', json => '"fallback"');
$publisher->variant('run', '/api/runs/1', json => '"one"');
$publisher->variant('free', '/free/1', json => '"free"');
$publisher->variant('page', '/pages/sorry', json => '"sorry"');
$t->nginx_conf(<<'END');
gate_limit_zone $arg_who zone=whole:1m quota="3/hour";
gate_limit_zone $arg_who zone=miss:1m quota="2/hour";
gate_limit_zone $arg_who zone=inner:1m quota="1/hour";
gate_conn_zone $arg_who zone=caps:1m;
server {
    listen 127.0.0.1:%%PORT%%;
    location /api/ { gate_board on; gate_compute @compute; }
    location /free/ { gate_board on; gate_compute @inner; rewrite ^/free/whole$ /free/9 break; gate_limit zone=miss count=miss; }
    location /whole/ { gate_board on; gate_compute @compute; gate_limit zone=whole; gate_conn zone=caps 1; rewrite ^/whole(/.*) $1 break; }
    location /inner/ { gate_board on; gate_compute @limited; rewrite ^/inner(/.*) $1 break; }
    location /mine/ { gate_board on; gate_compute @mine; gate_auth token; }
    location /as/ { gate_board on; gate_compute @mine; gate_auth token; rewrite ^/as(/.*) $1 break; }
    location /guarded/ { gate_board on; gate_compute @guarded; rewrite ^/guarded(/.*) $1 break; }
    location @compute { gate_limit zone=whole; gate_conn zone=caps 1; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location @inner { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location @limited { gate_limit zone=inner; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location @mine { proxy_set_header Gate-Identity $gate_identity; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location @guarded { gate_auth token; proxy_pass http://127.0.0.1:%%PORT1%%; }

    # Whatever sends a request round.
    location /fails/ { gate_board on; gate_compute @fails; rewrite ^/fails(/.*) $1 break; }
    location @fails { gate_board on; gate_compute @fails; error_page 502 = /cards/fallback; rewrite ^ /status/502 break; proxy_pass http://127.0.0.1:%%PORT1%%; proxy_intercept_errors on; }
    location /cards/ { gate_board on; gate_compute @fails; }
    location /loops/ { gate_board on; gate_compute @loops; rewrite ^/loops(/.*) $1 break; recursive_error_pages on; }
    location @loops { gate_board on; recursive_error_pages on; proxy_intercept_errors on; error_page 502 = /loops/api/runs/2; rewrite ^ /status/502 break; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /tried { gate_board on; gate_compute @inner; try_files /none /api/runs/$arg_id; }
    location /paged { error_page 404 =200 /pages/$arg_page; return 404; }
    location /pages/ { gate_board on; gate_compute @inner; }
    location /ssi { ssi on; ssi_types text/plain; default_type text/html; alias %%DIR%%/ssi.html; }
    location /asked { auth_request /api/runs/$arg_id; empty_gif; }
    location /empty/ { gate_board on; rewrite ^/empty(/.*) $1 break; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    location / { return 200 "computed $uri|$http_gate_identity"; }
    location /status/502 { return 502; }
}
END
$t->write_file('ssi.html', '[<!--# include virtual="/api/runs/1" -->][<!--# include virtual="/api/runs/2" -->]');
$t->start_nginx;
wait_for(sub { $t->get('/api/runs/1')->{body} eq '"one"' }, 10, 'the variants');
sub statuses ($count, $path) { return join ' ', map { $t->get($path)->{status} } 1 .. $count }

subtest 'limits and caps' => sub {
    is statuses(4, '/whole/api/runs/2?who=a'), '200 200 200 429', 'one zone in both locations: charged once, and one connection';
    is statuses(4, '/free/2?who=b'), '200 200 429 429', 'misses are charged where they were asked';
    is statuses(5, '/free/1?format=json'), '200 200 200 200 200', 'hits are free';
    is statuses(2, '/inner/api/runs/2?who=c'), '200 429', 'the named location has limits of its own';
    is statuses(3, '/inner/api/runs/1?format=json'), '200 200 200', 'for what comes there alone';
    is $t->get('/guarded/api/runs/2')->{status}, 401, 'and guards';
    is $t->get('/guarded/api/runs/2', Authorization => "Bearer $ada")->{body}, 'computed /api/runs/2|', 'for who may';
};

subtest 'identity' => sub {
    is $t->get('/mine/7')->{status}, 401, 'nobody';
    my $r = $t->get('/mine/7?x=%31', Authorization => "Bearer $ada");
    like $r->{body}, qr/^computed \/mine\/7\|[\w-]+\.[\w-]+\.[\w-]+$/, '$gate_identity is there in the named location';
    my $claims = decode_json(decode_base64url((split /\./, $r->{body})[1]));
    is "$claims->{sub} $claims->{htm} $claims->{htu} $claims->{scope}", 'ada GET /mine/7 read', 'of the request that came';
    $r = $t->get('/as/mine/a%20b', Authorization => "Bearer $ada");
    like $r->{body}, qr/^computed \/mine\/a b\|/, 'after a rewrite';
    is decode_json(decode_base64url((split /\./, $r->{body})[1]))->{htu}, '/mine/a%20b', 'of the target that is sent on';
};

subtest 'redirects' => sub {
    is $t->get('/fails/api/runs/2')->{body}, '"fallback"', 'an error page of the named location may be a card';
    is $t->get('/loops/api/runs/2')->{status}, 404, 'what was to be computed is not sent there again';
    is $t->get('/tried?id=1')->{body}, '"one"', 'try_files to a hit';
    like $t->get('/tried?id=2')->{body}, qr/^computed/, 'and to a miss';
    my $r = $t->get('/paged?page=sorry');
    is "$r->{status} $r->{body}", '200 "sorry"', 'error_page to a hit';
    like $t->get('/paged?page=other')->{body}, qr/^computed/, 'and to a miss';
    is $t->get('/empty/api/runs/2')->{status}, 404, 'without any content there is none';
};

subtest 'subrequests' => sub {
    my $r = $t->get('/ssi');
    is $r->{body}, '["one"][computed /api/runs/2|]', 'a hit and a miss';
    is $t->get('/asked?id=1')->{status}, 200, 'auth_request of a hit';
    is $t->get('/asked?id=2')->{status}, 200, 'and of a miss';
};
$t->finish;

# --- one process without a master, which is reloaded never, but gets new tables ---
$t = Gatehouse->new(master => 0);
$publisher = $t->start_publisher;
$publisher->paths(['a', '/a/{x}']);
$publisher->variant('a', '/a/1', json => '"a"');
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; gate_compute @c; } location @c { return 200 computed; } }');
$t->start_nginx;
wait_for(sub { $t->get('/a/1')->{body} eq '"a"' }, 10, 'the variant');
is $t->get('/a/2')->{body}, 'computed';
is $t->get('/b/2')->{status}, 404;
$publisher->paths(['b', '/b/{x}']);
wait_for(sub { $t->get('/b/2')->{body} eq 'computed' }, 10, 'another table');
is $t->get('/a/1')->{status}, 404, 'and what it does not have is no card';
$publisher->table('cards.paths', 'garbage');
$publisher->card('later', '/later', json => '"later"');
wait_for(sub { $t->get('/later')->{status} == 200 }, 10, 'what came later');
is $t->get('/b/2')->{body}, 'computed', 'a table that is none is refused, the one before stays';
$publisher->paths();
wait_for(sub { $t->get('/b/2')->{status} == 404 }, 10, 'no cards with variants any more');
$t->finish;

done_testing;
