#!/usr/bin/perl
# What a worker remembers of good credentials: it ends with the time, the rules and the keys, and its memory is bounded.
use v5.36;
use lib 't/lib';
use Test::More;
use Time::HiRes ();
use Gatehouse;
use Gatehouse::Credentials qw(api_token hs256);
use Gatehouse::Process;

my $t = Gatehouse->new;
plan skip_all => 'needs the module' if !$t->built('module');
my %secret = (a => 'a' x 32, b => 'b' x 32);
sub write_secret ($name) { $t->write_file($name, $secret{$name}); return chmod 0600, $t->dir($name) }
write_secret($_) for qw(a b);

$t->nginx_conf(<<'END');
large_client_header_buffers 4 16k; access_log off;
server {
    listen 127.0.0.1:%%PORT%%; keepalive_requests 1000000; gate_auth jwt;
    location /a { gate_jwt_key secret=a alg=HS256; gate_jwt_leeway 1s; empty_gif; }
    location /b { gate_jwt_key secret=b alg=HS256; empty_gif; }
    location /issuer { gate_jwt_key secret=a alg=HS256; gate_jwt_issuer x; empty_gif; }
    location /late { gate_jwt_key secret=a alg=HS256; gate_jwt_leeway 2m; empty_gif; }
    location /scope { gate_jwt_key secret=a alg=HS256; gate_require scope=s; empty_gif; }
    location /who { gate_jwt_key secret=a alg=HS256; add_header X-Who "$gate_user $gate_claim_n"; empty_gif; }
}
END
$t->start_nginx;
my $http = $t->http(0, keepalive => 1);
sub status ($path, $token) { return $http->get($path, Authorization => "Bearer $token")->{status} }
sub both ($path, $token) { return join ' ', map { status($path, $token) } 1, 2 }

subtest 'under other rules' => sub {
    my $token = hs256({exp => time + 60}, $secret{a});
    is both('/a', $token), '200 200', 'remembered';
    is both($_->[0], $token), "$_->[1] $_->[1]", "$_->[0]: judged by itself" for ['/b', 401], ['/issuer', 401], ['/late', 200], ['/scope', 403], ['/a', 200];
};

subtest 'of others' => sub {
    my @token = map { hs256({exp => time + 60, sub => "u$_", n => $_ * $_}, $secret{a}) } 1 .. 40;
    for my $round (1, 2) {
        is join(' ', map { $http->get('/who', Authorization => "Bearer $_")->{header}{'x-who'} } @token), join(' ', map { "u$_ " . $_ * $_ } 1 .. 40), 'each has its own claims';
    }
    my %bad;
    my $alphabet = join '', 'A' .. 'Z', 'a' .. 'z', 0 .. 9, '-_';
    for my $at (0 .. length($token[0]) - 1) {
        my $token = $token[0];
        my $was = substr $token, $at, 1;
        next if $was eq '.';
        substr($token, $at, 1) = substr $alphabet, (index($alphabet, $was) + 4) % 64, 1;
        ++$bad{status('/who', $token)};
    }
    is_deeply [keys %bad], [401], 'a token that differs in any one character is not';
};

subtest 'time' => sub {
    my $now = time;
    my $token = hs256({exp => $now + 1}, $secret{a});
    is both('/a', $token), '200 200';
    is both('/late', $token), '200 200';
    my $last;
    wait_for(sub { my $status = status('/a', $token); $last = Time::HiRes::time() if $status == 200; $status == 401 }, 6, 'end');
    my $ended = $now + 2;  # exp and the leeway
    ok $last < $ended + 0.3 && Time::HiRes::time() > $ended - 0.1, sprintf 'ends at exp and the leeway: last good %.2f s, refused %.2f s after', $last - $ended, Time::HiRes::time() - $ended;
    is both('/late', $token), '200 200', 'where the leeway is longer, it does not';
    my ($early) = map { hs256({exp => $now + 100, nbf => time + 4}, $secret{a}) } 1;
    is status('/a', $early), 401, 'a token that is not good yet';
    wait_for(sub { status('/a', $early) == 200 }, 8, 'its time');
    pass 'is good when its time comes';
};

subtest 'memory' => sub {
    my ($worker) = $t->nginx_workers;
    my $pad = 'p' x 600;
    my $tokens = $ENV{GATEHOUSE_LONG} ? 100_000 : 12_000;
    my ($at_4096, %status);
    my $flood = sub ($from, $to) {
        my @batch = map { hs256({exp => time + 600, jti => $_, pad => $pad}, $secret{a}) } $from .. $to;
        $http->connect;
        while (my @some = splice @batch, 0, 40) {
            $http->send(join '', map { "GET /a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer $_\r\n\r\n" } @some);
            ++$status{$http->read_response->{status}} for @some;
        }
    };
    $flood->(1, 8192);
    my $full = Gatehouse::Process::memory_kib($worker);
    $flood->(8193, $tokens);
    is_deeply \%status, {200 => $tokens}, "$tokens tokens of 1 kB";
    my $after = Gatehouse::Process::memory_kib($worker);
    note "RSS $full KiB after 8,192 tokens, $after after $tokens";
    SKIP: {
        skip 'a sanitizer keeps what is freed', 1 if $t->sanitizer;
        cmp_ok $after - $full, '<', 4096, 'take no more memory than 8,192 of them';
    }
};

subtest 'reload' => sub {
    my $token = hs256({exp => time + 600}, $secret{a});
    is both('/a', $token), '200 200', 'remembered';
    $t->reload_nginx;
    $http->close;
    is both('/a', $token), '200 200', 'the same keys';
    $secret{a} = 'c' x 32;
    write_secret('a');
    $t->reload_nginx;
    $http->close;
    is both('/a', $token), '401 401', 'another key in the file';
    is both('/a', hs256({exp => time + 600}, $secret{a})), '200 200';
};

$t->done;
