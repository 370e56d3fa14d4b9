#!/usr/bin/perl
# docs/coming-from-python-auth.md: what stands there as before and as after answers the same requests alike.
use v5.36;
use lib 't/lib';
use Digest::SHA qw(hmac_sha256);
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64url);
use Test::More;
use Gatehouse;
use Gatehouse::Documents qw(blocks);

my $packages = '/usr/lib/python3/dist-packages';
plan skip_all => 'needs python3-flask, python3-flask-cors and python3-jwt'
    if grep { !-e "$packages/$_/__init__.py" } qw(flask flask_cors jwt);
my $root = Gatehouse::root();
my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));

my @blocks = blocks("$root/docs/coming-from-python-auth.md");
my ($before, $after) = map { $_->{text} } grep { $_->{info} eq 'python' } @blocks;
my ($nginx) = map { $_->{text} } grep { $_->{info} eq 'nginx' } @blocks;
my ($import) = map { $_->{text} } grep { $_->{info} eq 'sh' } @blocks;
my ($secret) = $before =~ /^SECRET = "(.*)"/m;

# --- the applications ---
my $run = "\nimport sys\napp.run(port=int(sys.argv[1]))\n";
for (['before', $before, 1], ['after', $after, 2]) {
    my ($name, $app, $port) = @$_;
    $t->write_file("$name.py", $app . $run);
    $t->spawn(name => $name, command => ['/usr/bin/python3', $t->dir("$name.py"), $t->port($port)], log => "$name.log");
}
wait_for(sub { Gatehouse::Nginx::accepts($t->port(1)) && Gatehouse::Nginx::accepts($t->port(2)) }, 20, 'the apps');

# --- ours ---
$t->sidecar_config({state => {path => '%%DIR%%/state.db'}});
$t->start_sidecar;
my $ctl = "$t->{build}/gatehousectl -s " . $t->control_path;
$import =~ s/gatehousectl/$ctl/ or die 'no gatehousectl in the sh block';
my ($exit, $out, $err) = $t->run_program(['bash', '-c', $import]);
is $exit, 0, 'the tokens are imported' or diag $out, $err;
chmod 0600, $t->write_file('jwt.secret', $secret);
$nginx =~ s/\A\s*http \{\n//;
$nginx =~ s/\}\s*\z//;
$nginx =~ s/listen 80;/listen 127.0.0.1:%%PORT%%;/;
$nginx =~ s/127\.0\.0\.1:8000/127.0.0.1:%%PORT2%%/g;
$nginx =~ s/jwt\.secret/%%DIR%%\/jwt.secret/;
$t->nginx_conf($nginx);
$t->start_nginx;

sub jwt (%claims) {
    my $signed = join '.', map { encode_base64url(JSON::PP::encode_json($_)) } {alg => 'HS256', typ => 'JWT'}, \%claims;
    return $signed . '.' . encode_base64url(hmac_sha256($signed, $secret));
}

my $origin = 'https://dashboard.example.com';
my $good = jwt(user_id => 'ada', exp => time + 600);
my @requests = (
    ['a token', '/api/data', {'X-API-Token' => 'abcdef1234567890'}],
    ['no token', '/api/data', {}],
    ['another token', '/api/data', {'X-API-Token' => 'abcdef1234567891'}],
    ['a JWT', '/cards/mine', {Authorization => "Bearer $good"}],
    ['a JWT with another signature', '/cards/mine', {Authorization => 'Bearer ' . $good =~ s/.\z/A/r . 'x'}],
    ['an expired JWT', '/cards/mine', {Authorization => 'Bearer ' . jwt(user_id => 'ada', exp => time - 600)}],
    ['a page of ours', '/api/data', {'X-API-Token' => 'abcdef1234567890', Origin => $origin}],
    ['a page of others', '/api/data', {'X-API-Token' => 'abcdef1234567890', Origin => 'https://evil.example'}],
);
for my $case (@requests) {
    my ($name, $path, $fields) = @$case;
    my ($theirs, $ours) = map { $t->http($_)->get($path, %$fields) } 1, 0;
    is $ours->{status}, $theirs->{status}, "$name: $theirs->{status}";
    # To whoever does not ask, flask-cors names the only origin there is; it means nothing to them.
    is $ours->{header}{'access-control-allow-origin'}, $theirs->{header}{'access-control-allow-origin'},
        "$name: who may read it" if $fields->{Origin};
    if ($theirs->{status} == 200) {
        is_deeply decode_json($ours->{body}), decode_json($theirs->{body}), "$name: the same answer";
    } elsif (my $detail = decode_json($theirs->{body})->{detail}) {
        is decode_json($ours->{body})->{detail}, $detail, "$name: $detail";
    }
}

# --- preflights ---
for my $asked ($origin, 'https://evil.example') {
    my %fields = (Origin => $asked, 'Access-Control-Request-Method' => 'PUT', 'Access-Control-Request-Headers' => 'x-api-token');
    my ($theirs, $ours) = map { $t->http($_)->request({method => 'OPTIONS', path => '/api/data', headers => \%fields}) } 1, 0;
    is $ours->{header}{$_}, $theirs->{header}{$_}, "a preflight of $asked: $_"
        for qw(access-control-allow-origin access-control-allow-credentials);
}

$t->done;
