#!/usr/bin/perl
# gate_auth jwt, end to end: algorithms, what a token may not be, times, issuers; keys of files, secrets and the board.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(compact json hs hs256 key_pair signed jwks encode_base64url decode_base64url);

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my $secret = '0123456789abcdef' x 4;
$t->write_file('secret', "$secret\n");
$t->write_file('long', 'z' x 64);
chmod 0600, $t->dir($_) for qw(secret long);
my %key = map { $_ => key_pair($t, $_, lc $_) } qw(RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed448);
my $other = key_pair($t, 'ES256', 'other');
my $small = key_pair($t, 'RS256', 'small', 1024);
$t->write_file('all.json', jwks(values %key, $small->{jwk}));
$t->write_file('one.json', jwks({%{$other->{jwk}}, kid => 'only'}));

$t->nginx_conf(<<'END');
large_client_header_buffers 4 16k;
server {
    listen 127.0.0.1:%%PORT%%;
    gate_auth jwt;
    gate_jwt_key file=all.json; gate_jwt_leeway 60s;
    location /all { empty_gif; }
    location /policy { gate_jwt_issuer https://a https://b; gate_jwt_audience app other; empty_gif; }
    location /es { gate_jwt_algorithms ES256 ES384; empty_gif; }
    location /hs { gate_jwt_key secret=secret alg=HS256; gate_jwt_key secret=long alg=HS512; gate_jwt_key file=one.json; empty_gif; }
    location /hs2 { gate_jwt_key secret=long alg=HS256; empty_gif; }
    location /board { gate_jwt_key board; empty_gif; }
    location /board2 { gate_jwt_key board=second; gate_jwt_key secret=secret alg=HS256; empty_gif; }
}
END
my $publisher = $t->start_publisher;
$t->start_nginx;

sub answer ($path, $token) {
    my $r = $t->get($path, Authorization => "Bearer $token");
    my ($error) = ($r->{header}{'www-authenticate'} // '') =~ /error="(\w+)"/;
    my ($detail) = $r->{body} =~ /"detail":"(.*?)"/;
    return join ' ', grep { defined } $r->{status}, $error, $r->{status} == 401 ? $detail : ();
}
# The table of a set, as it was fetched then.
sub fetched ($set, $at = time) { return "$at\n$set" }

sub claims (%more) { return {sub => 'ada', exp => time + 600, %more} }
my $bad = '401 invalid_token Invalid token';

subtest 'algorithms' => sub {
    for my $alg (sort keys %key) {
        my $token = signed($key{$alg}, claims());
        is answer('/all', $token), 200, $alg;
        is answer('/all', $token), 200, 'and again, remembered';
        is answer('/all', "${token}abc"), $bad, 'with three more characters';
        my ($head, $payload, $signature) = split /\./, $token;
        my $raw = decode_base64url($signature);
        for my $at (0, length($raw) / 2, length($raw) - 1) {
            my $changed = $raw;
            substr($changed, $at, 1) ^.= "\1";
            is answer('/all', "$head.$payload." . encode_base64url($changed)), $bad, "one bit of byte $at of its signature";
        }
        is answer('/all', "$head." . encode_base64url(json(claims(sub => 'eve'))) . ".$signature"), $bad, 'another payload';
    }
    is answer('/hs', hs($_->[0], claims(), $_->[1])), $_->[2], "$_->[0]" for ['HS256', $secret, 200], ['HS512', 'z' x 64, 200], ['HS512', $secret, $bad], ['HS256', 'z' x 64, $bad], ['HS384', $secret, $bad];
    is answer('/hs', signed({%$other, kid => 'only'}, claims())), 200, 'a file beside secrets';
    is answer('/hs', signed($other, claims(), kid => undef)), 200, 'without kid, the only key for its algorithm';
    is answer('/all', signed($other, claims())), $bad, 'a key that is not here';
    is answer('/all', signed($small, claims())), $bad, 'RSA of 1024 bits';
    is answer('/es', signed($key{$_->[0]}, claims())), $_->[1], "gate_jwt_algorithms: $_->[0]" for ['ES256', 200], ['ES384', 200], ['ES512', $bad], ['RS256', $bad];
};

subtest 'what is signed with the wrong algorithm' => sub {
    for my $pair (['PS256', 'RS256'], ['RS256', 'PS256'], ['ES384', 'ES256'], ['RS512', 'RS256'], ['EdDSA', 'Ed448'], ['Ed448', 'EdDSA']) {
        my ($by, $as) = @key{@$pair};
        is answer('/all', signed($by, claims(), kid => $as->{kid})), $bad, "$pair->[0] on the key of $pair->[1]";
        is answer('/all', signed($by, claims(), alg => $as->{alg}, kid => $as->{kid})), $bad, 'and said to be of that one';
    }
    my $public = jwks($key{RS256});
    is answer('/all', hs256(claims(), $public, kid => 'rs256')), $bad, 'HS256 with a public key for a secret';
    is answer('/all', compact({alg => $_, kid => 'rs256'}, claims(), sub ($input) { '' })), $bad, 'alg ' . json([$_]) for
        'none', 'NONE', 'nOnE', '', undef, 5, ['RS256'], {}, 'RS256 ', 'rs256', "RS256\0", 'HS256';
    is answer('/all', compact({kid => 'rs256'}, claims(), sub ($input) { '' })), $bad, 'no alg';
};

subtest 'headers' => sub {
    my %header = (jwk => $key{RS256}{jwk}, jku => 'http://127.0.0.1:9/', x5u => 'http://127.0.0.1:9/', x5c => ['MA=='], crit => ['exp'], b64 => JSON::PP::false(), zip => 'DEF', enc => 'A128GCM');
    is answer('/hs', hs256(claims(), $secret, $_ => $header{$_})), $bad, $_ for sort keys %header;
    is answer('/all', signed($key{ES256}, claims(), kid => $_)), $bad, 'kid ' . substr json([$_]), 0, 40 for '../../etc/passwd', "' OR 1=1", 'k' x 4000, "es256\0", 7, '', ['es256'], undef;
    is answer('/all', signed($key{ES256}, claims(), typ => 'at+jwt', x => {y => [1]})), 200, 'what means nothing is ignored';
    is answer('/all', signed($key{ES256}, claims(), typ => 'secevent+jwt')), $bad, 'a token of another kind';
};

subtest 'forms' => sub {
    my $token = hs256(claims(), $secret);
    my ($head, $payload, $signature) = split /\./, $token;
    my %form = (
        'two parts' => "$head.$payload", 'four' => "$token.$signature", 'five' => "$head..$payload.$signature.x", 'a dot behind' => "$token.", 'a dot before' => ".$token",
        'an empty head' => ".$payload.$signature", 'no payload' => "$head..$signature", 'no signature' => "$head.$payload.",
        'padded' => "$head=.$payload.$signature", 'one character less' => substr($token, 0, -1), 'no JSON' => compact('x', claims(), sub ($i) { Digest::SHA::hmac_sha256($i, $secret) }),
        'a member twice' => hs256('{"exp":9999999999,"exp":9999999999}', $secret), 'an array' => hs256('[]', $secret), 'deep' => hs256('{"exp":9999999999,"a":' . '[' x 200 . ']' x 200 . '}', $secret),
        'an exponent' => hs256('{"exp":9999999999,"a":1e999999999}', $secret), 'no UTF-8' => hs256("{\"exp\":9999999999,\"a\":\"\xff\"}", $secret), 'long' => hs256(claims(a => 'x' x 7000), $secret),
    );
    for my $name (sort keys %form) {
        like answer('/hs', $form{$name}), $name eq 'an exponent' ? qr/^(?:\Q$bad\E|200)$/ : $name eq 'padded' ? qr/^40[01] invalid/ : qr/^\Q$bad\E$/, $name;
    }
    is answer('/hs', '{"payload":"e30","signatures":[]}'), '400 invalid_request', 'JSON serialisation: cannot stand behind Bearer';
    is answer('/hs', $token), 200, 'the token itself';
};

subtest 'ECDSA signatures' => sub {
    my $token = signed($key{ES256}, claims());
    my ($input, $signature) = $token =~ /^(.*)\.(.*)$/;
    my $raw = decode_base64url($signature);
    my ($r, $s) = unpack 'a32 a32', $raw;
    my $order = pack 'H*', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';  # SEC 2, section 2.4.2
    my %other = ('63 bytes' => substr($raw, 1), '65 bytes' => "$raw\0", '128 bytes' => $raw . "\0" x 64, '4 KB' => "\1" x 4096, 'r=0' => "\0" x 32 . $s, 's=0' => $r . "\0" x 32, 'r=n' => $order . $s, 's=n' => $r . $order, 'swapped' => $s . $r,
        'DER' => "\x30\x44\x02\x20" . ("\x01" x 32) . "\x02\x20" . ("\x01" x 32));
    is answer('/all', "$input." . encode_base64url($other{$_})), $bad, $_ for sort keys %other;
    # RFC 8032 section 5.1.7: S is below the group's order L. S + L is the same point, and another signature.
    my ($signed, $mark) = signed($key{EdDSA}, claims()) =~ /^(.*)\.(.*)$/;
    my ($point, $number) = unpack 'a32 a32', decode_base64url($mark);
    my @order = reverse unpack 'C32', pack 'H*', '1' . '0' x 31 . '14def9dea2f79cd65812631a5cf5d3ed';
    my ($carry, @sum) = 0;
    for my $byte (unpack 'C32', $number) {
        $carry += $byte + shift @order;
        push @sum, $carry & 255;
        $carry >>= 8;
    }
    is answer('/all', "$signed." . encode_base64url($point . pack 'C32', @sum)), $bad, 'EdDSA with S + L';
    is answer('/all', "$signed." . encode_base64url(substr "$point$number", 0, $_)), $bad, "EdDSA of $_ bytes" for 0, 63;
    is answer('/all', "$signed." . encode_base64url("$point$number\0")), $bad, 'EdDSA of 65 bytes';
};

subtest 'claims' => sub {
    my $now = time;
    my $huge = '9223372036854775808';
    my @case = (
        [$bad, 'exp missing', '{"sub":"a"}'], (map { [$bad, "exp $_", qq({"exp":$_})] } '"9999999999"', '-1', $huge, '1e400', 'NaN', '9999999999.5', 'true', 'null', '[9999999999]', '{}'),
        ['401 invalid_token Token expired', 'exp past', {exp => $now - 61}], [200, 'exp within the leeway', {exp => $now - 50}],
        [$bad, 'nbf future', claims(nbf => $now + 90)], [200, 'nbf within the leeway', claims(nbf => $now + 50)], [$bad, 'nbf a string', claims(nbf => "$now")],
        [$bad, 'iat far in the future', claims(iat => $now + 3600)], [200, 'iat now', claims(iat => $now)],
    );
    is answer('/all', signed($key{EdDSA}, $_->[2])), $_->[0], $_->[1] for @case;
    my %policy = (iss => 'https://a', aud => 'app');
    my @policy = (
        [200, {}], [200, {iss => 'https://b'}], [200, {aud => ['x', 'other']}], (map { [$bad, {aud => $_}] } [], [''], 'ap', 'apps', {app => 1}, 'App', 5, ['ap', 'APP'], ''),
        [$bad, {iss => 'https://c'}], [$bad, {iss => 'https://A'}], [$bad, {iss => ['https://a']}], [$bad, {iss => 'https://a/'}],
    );
    is answer('/policy', signed($key{EdDSA}, claims(%policy, %{$_->[1]}))), $_->[0], json($_->[1]) for @policy;
    is answer('/policy', signed($key{EdDSA}, claims(iss => 'https://a'))), $bad, 'no aud';
    is answer('/policy', signed($key{EdDSA}, claims(aud => 'app'))), $bad, 'no iss';
};

subtest 'keys of the board' => sub {
    my $token = signed($key{ES256}, claims());
    is answer('/board', $token), 503, 'none yet: that is ours to mend';
    is answer('/board', hs256(claims(), $secret)), 503, 'whatever the token';
    is answer('/board2', hs256(claims(), $secret)), 200, 'another key of the location is good without';
    $publisher->table('jwks:default', fetched(jwks($key{ES256})));
    wait_for(sub { answer('/board', $token) eq '200' }, 5, 'keys');
    pass 'published: good';
    is answer('/board', signed($key{RS256}, claims())), $bad, 'a key that the set has not';
    $publisher->events('wanted');
    my $until = now() + 2.5;
    my $asked = 0;
    do { answer('/board', signed({%{$key{ES256}}, kid => "new$asked"}, claims())); ++$asked } while now() < $until;
    my @wanted = $publisher->events('wanted');
    ok @wanted >= 1 && @wanted <= 4, scalar(@wanted) . " questions to the sidecar for $asked unknown keys in 2.5 s";
    is_deeply [grep { $_ ne 'jwks:default' } @wanted], [], 'each names the set';
    for my $damage ('', '{}', '<html>', jwks(), jwks($key{ES256}, $key{ES256}), json({keys => [{kty => 'oct', k => 'x' x 43, kid => 'o'}]}), '{"keys":[' . '{},' x 200) {
        $publisher->table('jwks:default', $damage eq '' ? ' ' : fetched($damage));
        $publisher->table('jwks:unheard', fetched(jwks($key{ES384})));
        wait_for(sub { answer('/board', $token) =~ /^200|^401/ }, 5, 'answer');
        is answer('/board', $token), 200, 'a set that is none leaves the old one: ' . substr $damage, 0, 30;
    }
    $publisher->table('jwks:default', fetched(jwks($key{RS256})));
    wait_for(sub { answer('/board', signed($key{RS256}, claims())) eq '200' }, 5, 'new keys');
    is answer('/board', $token), $bad, 'a remembered token ends with its key';
    $publisher->table('jwks:default', fetched(jwks($key{RS256}), time - 86_401));
    wait_for(sub { answer('/board', signed($key{RS256}, claims(jti => 'new'))) eq '503' }, 5, 'old keys');
    pass 'keys that nobody could fetch again for a day are not believed';
};

unlike $t->log_text('error.log'), qr/\Q$secret\E/, 'no secret in the log';
$t->done;
