#!/usr/bin/perl
# Cards that require scopes, and cards behind gate_auth: 401, 403, 200, 304; what caches may keep of them. Metrics of attempts.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token hs256);
use Gatehouse::Metrics qw(samples promtool);

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my ($ada, $bob) = map { api_token($_) } 'ADA00001', 'BOB00001';
my $publisher = $t->start_publisher;
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read write'}, {token => $bob, user => 'bob', scopes => 'read'}, {token => api_token('OLD00001'), expires => 1000});
my %body = (json => '{"a":1}', 'json.gzip' => "\x1f\x8bfake");
$publisher->card('open', '/cards/open', %body, cache_control => 'public, max-age=60');
$publisher->card('read', '/cards/read', %body, require => 'read', cache_control => 'public, max-age=60, s-maxage=600');
$publisher->card('both', '/cards/both', %body, require => 'read write', cache_control => 'max-age=5');
$publisher->card('none', '/cards/none', %body, require => 'read', cache_control => 'no-store');
$t->write_file('secret', 's' x 32);
chmod 0600, $t->dir('secret');

$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location /cards/ { gate_board on; gate_auth token jwt; gate_jwt_key secret=secret alg=HS256; satisfy any; allow 127.0.0.1; }
    location = /metrics { gate_metrics; }
    location /guarded { gate_auth token; empty_gif; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    gate_board on;
    location / { root temp; }
    location = /cards/both { gate_auth token jwt; gate_jwt_key secret=secret alg=HS256; gate_realm cards; }
    location = /cards/read { gate_auth token; }
    location = /cards/none { gate_auth token; }
}
END
$t->start_nginx;
my $guarded = $t->http(1);
sub ask ($path, $token, %more) { return $guarded->get($path, $token ? (Authorization => "Bearer $token") : (), %more) }
wait_for(sub { $guarded->get('/cards/open')->{status} == 200 }, 10, 'cards');

subtest 'scopes' => sub {
    is ask('/cards/both', $_->[0])->{status}, $_->[1], $_->[2] for [undef, 401, 'nobody'], [$bob, 403, 'one of two'], [$ada, 200, 'both'], ['x', 401, 'a bad token'];
    my $r = ask('/cards/both', $bob);
    is $r->{header}{'www-authenticate'} =~ s/realm=".*?"/realm/r, 'Bearer realm, error="insufficient_scope", scope="read write"', 'with the scopes';
    is $r->{header}{'cache-control'}, 'no-store';
    my $jwt = hs256({exp => time + 60, scope => 'write', roles => ['read']}, 's' x 32);
    is ask('/cards/both', $jwt)->{status}, 200, 'a JWT\'s';
    is ask('/cards/both', hs256({exp => time + 60, scope => 'write'}, 's' x 32))->{status}, 403, 'or not';
    is $t->get('/cards/both')->{status}, 401, 'whom satisfy lets in by his address alone has no scope';
    my $tag = ask('/cards/both', $ada)->{header}{etag};
    is ask('/cards/both', $ada, 'If-None-Match' => $tag)->{status}, 304, '304 for who may';
    is ask('/cards/both', $_->[0], 'If-None-Match' => $tag)->{status}, $_->[1], "$_->[1] for who may not" for [undef, 401], [$bob, 403];
    is ask('/cards/both', $bob, 'If-Match' => '"x"')->{status}, 403, 'before conditions';
    is ask('/cards/both', $bob, Range => 'bytes=0-1')->{status}, 403;
    is $guarded->request({method => 'DELETE', path => '/cards/both', headers => {Authorization => "Bearer $ada"}})->{status}, 405, 'other methods';
};

subtest 'caches' => sub {
    my $control = sub ($r) { return "$r->{status} $r->{header}{'cache-control'} | $r->{header}{vary}" };
    is $control->($guarded->get('/cards/open')), '200 public, max-age=60 | Accept-Encoding', 'for all: as the card says';
    is $control->(ask('/cards/read', $bob)), '200 private, max-age=60 | Accept-Encoding', 'with a scope: for private caches alone';
    is $control->(ask('/cards/both', $ada)), '200 private, max-age=5 | Accept-Encoding';
    is $control->(ask('/cards/none', $ada)), '200 no-store | Accept-Encoding', 'what says no-store goes on to';
    is $control->($t->get('/cards/open', Authorization => "Bearer $ada")), '200 private, max-age=60 | Accept-Encoding', 'behind gate_auth, too';
    is $control->($t->get('/cards/open')), '200 private, max-age=60 | Accept-Encoding', 'however the client came in';
    my $r = ask('/cards/read', $bob, 'If-None-Match' => '*');
    is $control->($r), '304 private, max-age=60 | Accept-Encoding', 'on a 304';
    $r = ask('/cards/read', $bob, 'Accept-Encoding' => 'gzip');
    is "$r->{header}{'content-encoding'} $r->{header}{'cache-control'}", 'gzip private, max-age=60', 'in another encoding';
};

subtest 'metrics' => sub {
    my $text = $t->get('/metrics')->{body};
    my $before = samples($text);
    is promtool($t, $text), '', 'promtool check metrics finds nothing';
    my $attempts = sub ($method, $outcome, $reason) { qq(gatehouse_auth_attempts_total{method="$method",outcome="$outcome",reason="$reason"}) };
    my @rows = grep { /^gatehouse_auth_attempts_total/ } keys %$before;
    cmp_ok scalar @rows, '>=', 6, scalar(@rows) . ' series of attempts';
    is $before->{$attempts->('jwt', 'refused', 'expired')}, 0, 'what has not come is there, at 0' or diag join "\n", sort @rows;
    my @want = (
        ['token', 'admitted', 'none', Authorization => "Bearer $ada"], ['none', 'refused', 'no_credentials'], ['none', 'refused', 'malformed', Authorization => 'Bearer'],
        ['token', 'refused', 'invalid_token', Authorization => 'Bearer x'], ['token', 'refused', 'expired', Authorization => 'Bearer ' . api_token('OLD00001')]);
    for my $case (@want) {
        my ($method, $outcome, $reason, @headers) = @$case;
        $t->request({path => '/guarded', headers => [@headers]});
        my $after = samples($t->get('/metrics')->{body});
        my %changed = map { $_ => $after->{$_} - ($before->{$_} // 0) } grep { $after->{$_} != ($before->{$_} // 0) } grep { /^gatehouse_auth_attempts/ } keys %$after;
        is_deeply \%changed, {$attempts->($method, $outcome, $reason) => 1}, "$method $outcome $reason";
        $before = $after;
    }
    unlike $t->get('/metrics')->{body}, qr/ADA00001|BOB00001|gth_/, 'no token in a label';
};

$t->done;
