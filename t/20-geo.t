#!/usr/bin/perl
# GeoIP: the variables, gate_geo_allow and gate_geo_deny, who is asked when, and what is counted.
use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Metrics;
use Gatehouse::Mmdb qw(mmdb country);
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');

$t->write_file('country.mmdb', mmdb({
    '192.0.2.0/24' => {%{country('DE')}, continent => {code => 'EU'}, city => {names => {en => "K\xc3\xb6ln"}}},
    '198.51.100.0/24' => country('FR'),
    '203.0.113.0/24' => {registered_country => {iso_code => 'US'}},
    '2001:db8::/32' => country('JP'),
}));
$t->write_file('asn.mmdb', mmdb({
    '192.0.2.0/25' => {autonomous_system_number => 64500, autonomous_system_organization => 'Example "One"'},
    '198.51.100.0/24' => {autonomous_system_number => 64501},
}, ip_version => 4, epoch => 1_600_000_000));

$t->nginx_conf(<<'END');
gate_geoip %%DIR%%/country.mmdb;
gate_geoip %%DIR%%/asn.mmdb;
gate_limit_zone $gate_country zone=country:64k quota=2/day;
map $gate_country $is_home { DE yes; default no; }
log_format geo escape=json '$uri $gate_country';
access_log logs/geo.log geo;
add_header X-Geo "$gate_country|$gate_continent|$gate_city|$gate_asn|$gate_as_org|$is_home" always;
server {
    listen 127.0.0.1:%%PORT%%;
    listen unix:%%DIR%%/nginx.sock;
    location / {
        set_real_ip_from 127.0.0.1; set_real_ip_from unix:;
        real_ip_header X-From;
        location /var { empty_gif; }
        location /limit { gate_limit zone=country; empty_gif; }
        location /deny { gate_geo_deny country=fr,JP asn=64501 net=192.0.2.128/25,2001:db8:1::/48; empty_gif; }
        location /allow { gate_geo_allow country=DE,JP; gate_geo_allow asn=AS64501; empty_gif; }
        location /both { gate_geo_allow country=DE; gate_geo_deny asn=64500; empty_gif; }
        location /known { gate_geo_deny country=-; empty_gif; }
        location /asn { gate_geo_allow asn=64500; empty_gif; }
        location /net { gate_geo_allow net=192.0.2.0/24; empty_gif; }
        location /unix { gate_geo_allow net=unix:; empty_gif; }
        location /order { gate_geo_deny country=FR; gate_limit zone=country; empty_gif; }
        location /outer {
            gate_geo_deny country=FR;
            location /outer/same { empty_gif; }
            location /outer/own { gate_geo_deny country=JP; empty_gif; }
        }
        location /page { gate_geo_deny country=FR; error_page 403 /why; empty_gif; }
        location /why { gate_geo_deny country=FR; root %%DIR%%/www; }
        location /sub { gate_geo_deny country=JP; auth_request /part; empty_gif; }
        location = /part { gate_geo_deny country=DE; proxy_pass http://127.0.0.1:%%PORT1%%/ok; }
        location /redirect { gate_geo_deny country=JP; root %%DIR%%/www; try_files /none /deny/x; }
    }
    location = /metrics { gate_metrics prometheus; }
}
END
mkdir $t->dir('www');
$t->write_file('www/why', "because\n");
my $app = Gatehouse::Upstream->start($t->port(1));
$t->start_nginx;

sub from ($path, $address) { return $t->get($path, 'X-From' => $address) }
sub unix_peer ($path) { return Gatehouse::Http->new(path => $t->dir('nginx.sock'))->get($path) }
sub geo ($address) { return from('/var', $address)->{header}{'x-geo'} }
sub status_is ($path, %expected) {
    is from($path, $_)->{status}, $expected{$_}, "$path from $_" for sort keys %expected;
    return;
}

subtest 'variables' => sub {
    is geo('192.0.2.1'), "DE|EU|K\xc3\xb6ln|64500|Example \"One\"|yes", 'what both databases say';
    is geo('192.0.2.200'), "DE|EU|K\xc3\xb6ln|-|-|yes", 'what one says';
    is geo('198.51.100.1'), 'FR|-|-|64501|-|no', 'and parts of that';
    is geo('2001:db8::1'), 'JP|-|-|-|-|no', 'IPv6, of which the second database has nothing';
    is geo('::ffff:192.0.2.1'), geo('192.0.2.1'), 'IPv4 written as IPv6 is IPv4';
    is geo('203.0.113.1'), '-|-|-|-|-|no', 'where a network is registered says nothing about where it is';
    is geo($_), '-|-|-|-|-|no', "$_ is in no database" for qw(10.0.0.1 127.0.0.1 ::1 fd00::1);
    is unix_peer('/var')->{header}{'x-geo'}, '-|-|-|-|-|no', 'nor is a peer on a Unix socket';
    like $t->log_text('geo.log'), qr{^/var DE$}m, 'in the log as well';
};

subtest 'as the key of a limit' => sub {
    is from('/limit', '192.0.2.1')->{status}, 200, 'a country\'s first request';
    is from('/limit', '192.0.2.2')->{status}, 200, 'its second, of another client';
    is from('/limit', '192.0.2.3')->{status}, 429, 'its third';
    is from('/limit', '198.51.100.1')->{status}, 200, 'another country has its own quota';
    is from('/limit', '10.0.0.1')->{status}, 200, 'what is not known is one key';
    is from('/limit', '10.0.0.2')->{status}, 200, 'of all such clients';
    is from('/limit', '10.0.0.3')->{status}, 429, 'together';
};

subtest 'deny' => sub {
    status_is('/deny', '198.51.100.1' => 403, '2001:db8::1' => 403, '192.0.2.1' => 200, '192.0.2.128' => 403,
        '::ffff:192.0.2.129' => 403, '10.0.0.1' => 200, '203.0.113.1' => 200);
    status_is('/known', '192.0.2.1' => 200, '10.0.0.1' => 403, '203.0.113.1' => 403);
};

subtest 'allow' => sub {
    status_is('/allow', '192.0.2.1' => 200, '2001:db8::1' => 200, '198.51.100.1' => 200, '10.0.0.1' => 403,
        '203.0.113.1' => 403);
    status_is('/asn', '192.0.2.1' => 200, '192.0.2.129' => 403, '198.51.100.1' => 403, '2001:db8::1' => 403);
    status_is('/net', '192.0.2.1' => 200, '192.0.3.1' => 403, '::ffff:192.0.2.9' => 200, '2001:db8::1' => 403);
    status_is('/both', '192.0.2.200' => 200, '192.0.2.1' => 403, '198.51.100.1' => 403);
    status_is('/unix', '192.0.2.1' => 403);
    is unix_peer('/unix')->{status}, 200, 'a peer on a Unix socket, where it is named';
};

subtest 'levels' => sub {
    status_is('/outer/same', '198.51.100.1' => 403, '2001:db8::1' => 200);
    status_is('/outer/own', '198.51.100.1' => 200, '2001:db8::1' => 403);
};

subtest 'the refusal' => sub {
    my $refused = from('/deny/x?q=1', '198.51.100.1');
    is $refused->{header}{'content-type'}, 'application/problem+json', 'problem details';
    my $problem = decode_json($refused->{body});
    is $problem->{status}, 403, 'of status 403';
    is $problem->{instance}, '/deny/x', 'of the path that was asked';
    like $problem->{detail}, qr/country or the network/, 'with a sentence for people';
    unlike $refused->{body}, qr/FR|198\.51/, 'that tells nothing about the rules';
    like $t->log_text('error.log'), qr/\[info\] .*gatehouse: not let in by the country: FR, client: 198\.51\.100\.1/, 'the log does';
};

subtest 'order, subrequests, internal redirects' => sub {
    is from('/order', '198.51.100.7')->{status}, 403, 'refused before a limit is charged' for 1 .. 3;
    is from('/limit', '198.51.100.8')->{status}, 200, 'the country\'s quota has one left';
    my $page = from('/page', '198.51.100.1');
    is "$page->{status} $page->{body}", "403 because\n", 'an error page is shown to whom it is for';
    is from('/sub', '192.0.2.1')->{status}, 200, 'a subrequest is not asked again';
    is from('/why', '198.51.100.1')->{status}, 403, 'who asks for the error page itself is';
    is from('/redirect', '198.51.100.1')->{status}, 403, 'an internal redirect leads past no rule';
    is from('/redirect', '192.0.2.1')->{status}, 200, 'and keeps nobody out';
};

subtest 'metrics' => sub {
    my $text = $t->get('/metrics')->{body};
    like $text, qr/^gatehouse_geoip_build_timestamp_seconds\{database="country\.mmdb"\} 1700000000$/m, 'when one was built';
    like $text, qr/^gatehouse_geoip_build_timestamp_seconds\{database="asn\.mmdb"\} 1600000000$/m, 'and the other';
    my ($age) = $text =~ /^gatehouse_geoip_age_seconds\{database="country\.mmdb"\} (\d+)$/m;
    cmp_ok abs(time - 1_700_000_000 - $age), '<', 30, 'and how long ago';
    like $text, qr/^gatehouse_decisions_total\{stage="geo",outcome="refused",reason="$_"\} [1-9]/m, "refused by $_"
        for qw(country asn network);
    like $text, qr/^gatehouse_decisions_total\{stage="geo",outcome="admitted",reason="none"\} [1-9]/m, 'and admitted';
};

$t->done;
