#!/usr/bin/perl
# MaxMind's own test databases: every network in them gives what its source says; broken ones are refused.
#
# The corpus is the folder of https://github.com/maxmind/MaxMind-DB: GATEHOUSE_CORPORA names the folder that
# has it as maxmind/; else ../*/corpora is looked at.
use v5.36;
use lib 't/lib';
use JSON::PP ();
use Socket qw(AF_INET AF_INET6 inet_ntop inet_pton);
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');
my ($corpus) = grep { -d "$_/test-data" && -d "$_/source-data" }
    map { "$_/maxmind" } $ENV{GATEHOUSE_CORPORA} // glob $t->root . '/../*/corpora';
plan skip_all => 'the test databases of MaxMind are not here: GATEHOUSE_CORPORA names no folder with maxmind/' if !$corpus;

sub configure ($database) {
    $t->nginx_conf(<<"END");
gate_geoip '$database';
server {
    listen 127.0.0.1:%%PORT%%;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-From;
    add_header X-Geo "\$gate_country|\$gate_continent|\$gate_city|\$gate_asn|\$gate_as_org";
    location / { empty_gif; }
}
END
    return;
}

# The first and the last address of a network, and its bits; IPv4 as ::ffff:0:0/96, which nginx unwraps.
sub edges ($network) {
    my ($address, $length) = split m{/}, $network;
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    my $bits = substr unpack('B*', inet_pton($family, $address)), 0, $length;
    my $size = $family == AF_INET ? 32 : 128;
    my $fill = sub ($bit) { inet_ntop($family, pack 'B*', $bits . $bit x ($size - length $bits)) };
    return ($family == AF_INET ? '4' : '6') . $bits, $fill->(0), $fill->(1);
}

sub said ($record, @path) {
    for my $name (@path) {
        $record = ref $record eq 'HASH' ? $record->{$name} : undef;
    }
    return $record;
}

sub expected ($record) {
    my $traits = $record->{traits};
    my @values = (
        said($record, qw(country iso_code)), said($record, qw(continent code)), said($record, qw(city names en)),
        map { said($record, $_) // said($record, traits => $_) } qw(autonomous_system_number autonomous_system_organization),
    );
    return join '|', map { $_ // '-' } @values;
}

my $json = JSON::PP->new->utf8;
my $asked = 0;
my $started = 0;
for my $source (sort glob "$corpus/source-data/*.json") {
    my ($name) = $source =~ m{([^/]+)\.json$};
    my $database = "$corpus/test-data/$name.mmdb";
    next if !-e $database;
    configure($database);
    $started++ ? $t->reload_nginx : $t->start_nginx;
    # Of networks in one another, the one written last is what an address of both finds.
    my @networks = map { my $pair = $_; map { [edges($_), $pair->{$_}] } sort keys %$pair } @{$json->decode(read_file($source))};
    my $http = $t->http(0, keepalive => 1);
    my @wrong;
    for my $network (@networks) {
        my ($bits, $first, $last, $record) = @$network;
        for my $address ($first, $last) {
            my ($of) = edges($address . ($address =~ /:/ ? '/128' : '/32'));
            my ($winner) = reverse grep { index($of, $_->[0]) == 0 } @networks;
            my $expected = expected($winner->[3]);
            utf8::encode($expected);
            my $got = $http->get('/', 'X-From' => $address)->{header}{'x-geo'};
            push @wrong, "$address: $got, expected $expected" if $got ne $expected;
            ++$asked;
        }
    }
    is_deeply \@wrong, [], "$name: " . @networks . ' networks' or diag scalar(@wrong) . ' wrong';
}
cmp_ok $asked, '>', 5000, "$asked addresses";

subtest 'without a source' => sub {
    for my $name (map { "MaxMind-DB-$_" } qw(no-ipv4-search-tree string-value-entries test-decoder test-metadata-pointers
        test-nested test-pointer-decoder), map { my $bits = $_; map { "test-$_-$bits" } qw(ipv4 ipv6 mixed) } 24, 28, 32) {
        configure("$corpus/test-data/$name.mmdb");
        $t->reload_nginx;
        is $t->get('/', 'X-From' => $_)->{header}{'x-geo'}, '-|-|-|-|-', "$name: $_ has no place" for qw(1.1.1.1 ::1:ffff:ffff 10.0.0.1);
    }
};

subtest 'broken' => sub {
    my @broken = (glob("$corpus/test-data/*{B,b}roken*.mmdb"), "$corpus/test-data/GeoIP2-City-Test-Invalid-Node-Count.mmdb");
    is scalar @broken, 4, 'databases';
    # What readers of other languages stumbled over; these three are as the format wants them.
    my @sound = map { "libmaxminddb-$_" } qw(corrupt-search-tree empty-array-last-in-metadata empty-map-last-in-metadata);
    for my $database (@broken, glob "$corpus/bad-data/*/*.mmdb") {
        my ($name) = $database =~ m{([^/]+)\.mmdb$};
        configure($database);
        my ($status, $output) = $t->nginx_test;
        if (grep { $_ eq $name } @sound) {
            is $status, 0, "$name: sound" or diag $output;
            $t->reload_nginx;
            ok $t->get('/', 'X-From' => $_)->{status} == 200, "$name: $_" for qw(1.1.1.1 ::1 255.255.255.255);
        } else {
            is $status, 1, "$name: refused";
            like $output, qr/\[emerg\] .*"gate_geoip": "\Q$database\E": .* in \S+nginx\.conf:\d+/, 'in words';
        }
    }
};

$t->done;
