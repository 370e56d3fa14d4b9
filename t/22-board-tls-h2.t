#!/usr/bin/perl
# Cards over TLS and HTTP/2: whole bytes, conditions, ranges, many streams at once.
use v5.36;
use lib 't/lib';
use Digest::MD5 qw(md5_hex);
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');
plan skip_all => 'curl has no HTTP/2' if qx(curl -V) !~ /HTTP2/;
my $dir = $t->dir;
system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        . "-keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null") == 0
    or plan skip_all => 'openssl makes no certificate';

my $json = '{"generation":1}';
my $big = join '', map { sprintf '%08d', $_ } 1 .. 400_000;
my $publisher = $t->start_publisher;
$publisher->card('small', '/small', json => $json, 'json.br' => 'brotli');
$publisher->card('big', '/big', json => $big);
$publisher->card('empty', '/empty', json => '');
$publisher->card('secret', '/secret', json => $json, require => 'read');
$t->nginx_conf(<<'END');
gate_board on;
sendfile on;
ssl_certificate cert.pem;
ssl_certificate_key key.pem;
server { listen 127.0.0.1:%%PORT%% ssl http2; location / { } }
server { listen 127.0.0.1:%%PORT1%% http2; location / { } }
END
$t->start_nginx;

my %base = (
    'TLS, HTTP/1.1' => ['--http1.1', 'https://127.0.0.1:' . $t->port(0)],
    'TLS, HTTP/2' => ['--http2', 'https://127.0.0.1:' . $t->port(0)],
    'HTTP/2 in clear' => ['--http2-prior-knowledge', 'http://127.0.0.1:' . $t->port(1)],
);

# Returns {status, version, head, body}.
sub curl ($way, $path, @options) {
    my ($version, $url) = @{$base{$way}};
    open my $pipe, '-|', 'curl', '-sk', '--max-time', 20, $version, '-D', "$dir/head", '-o', "$dir/body", '-w',
        '%{http_code} %{http_version}', @options, "$url$path" or die "curl: $!";
    my ($status, $http) = split ' ', readline($pipe) // '';
    close $pipe;
    my %result = (status => $status, version => $http, head => read_file("$dir/head"), body => read_file("$dir/body") // '');
    unlink "$dir/head", "$dir/body";
    return \%result;
}

for my $way (sort keys %base) {
    subtest $way => sub {
        my $r = curl($way, '/small');
        is $r->{version}, $way =~ /HTTP\/2/ ? 2 : '1.1';
        is $r->{body}, $json, 'a small card';
        my ($tag) = $r->{head} =~ /^etag: (\S+)/mi;
        like $r->{head}, qr/^$_: /mi, $_ for qw(cache-control vary cache-status last-modified accept-ranges content-length);
        unlike $r->{head}, qr/^content-encoding:/mi, 'identity is not named';
        is curl($way, '/small', -H => 'Accept-Encoding: br')->{body}, 'brotli', 'an encoding';
        is md5_hex(curl($way, '/big')->{body}), md5_hex($big), 'a large card';
        is curl($way, '/small', -H => "If-None-Match: $tag")->{status}, 304;
        is curl($way, '/small', -H => 'If-Match: "x"')->{status}, 412;
        is curl($way, '/big', -r => '8-15')->{body}, '00000002', 'a range';
        is md5_hex(curl($way, '/big', -r => '1000000-')->{body}), md5_hex(substr $big, 1_000_000), 'a large range';
        is curl($way, '/big', -r => '9999999-')->{status}, 416;
        is curl($way, '/small', '-I')->{body} =~ /generation/ ? 'body' : 'none', 'none', 'HEAD';
        my $empty = curl($way, '/empty');
        is "$empty->{status} $empty->{body}", '200 ', 'an empty card';
        is curl($way, '/small', -X => 'DELETE')->{status}, 405;
        is curl($way, '/secret')->{status}, 401;
        like curl($way, '/none')->{head}, qr/^cache-status: gatehouse; fwd=uri-miss/mi, 'a miss';
    };
}

subtest 'many streams' => sub {
    my @urls = map { ('-o', "$dir/many.$_", "$base{'TLS, HTTP/2'}[1]/big") } 1 .. 30;
    is system('curl', '-sk', '--no-progress-meter', '--http2', '--parallel', '--parallel-max', 30, @urls), 0;
    my %sums = map { md5_hex(read_file("$dir/many.$_")) => 1 } 1 .. 30;
    is_deeply [keys %sums], [md5_hex($big)], '30 large cards over one connection';
};

$publisher->stop;
$t->done;
