#!/usr/bin/perl
# nginx -t over gate_geoip, gate_geo_allow and gate_geo_deny: what is refused, in which words, at which line.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Mmdb qw(mmdb country);

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');
my $conf = $t->dir('nginx.conf');
my $whole = mmdb({'192.0.2.0/24' => country('DE')});
$t->write_file('c.mmdb', $whole);
$t->write_file('asn.mmdb', mmdb({'192.0.2.0/24' => {autonomous_system_number => 64500}}));
$t->write_file('text.mmdb', "no database\n");
$t->write_file('empty.mmdb', '');
$t->write_file('half.mmdb', substr $whole, length($whole) / 2);
$t->write_file('head.mmdb', substr $whole, 0, length($whole) / 2);
$t->write_file('damaged.mmdb', $whole =~ s/\xe1\x47country/\xe1\x57country/r);
mkdir $t->dir('directory.mmdb');
symlink 'c.mmdb', $t->dir('link.mmdb');
system 'mkfifo', $t->dir('fifo.mmdb');

sub check ($http) {
    $t->nginx_conf($http);
    return $t->nginx_test;
}

# The line with "#!" must be named.
sub refused ($http, $message) {
    my ($status, $output) = check($http);
    my @lines = split /\n/, read_file($conf);
    my ($line) = grep { $lines[$_ - 1] =~ /#!/ } 1 .. @lines;
    is $status, 1, $http =~ s/\s*#!//r =~ s/\s*\n\s*/ /gr;
    like $output, qr/\[emerg\] .*$message.* in \Q$conf\E:$line\n/, 'in words, at the line' or diag $output;
    return;
}

sub accepted ($http) {
    my ($status, $output) = check($http);
    is $status, 0, $http =~ s/\s*\n\s*/ /gr or diag $output;
    return $output;
}

my $dir = $t->dir;
refused("gate_geoip $dir/$_->[0]; #!", qr/"gate_geoip": "\Q$dir\E\/$_->[0]": $_->[1].*; put a sound database there/) for (
    ['missing.mmdb', 'No such file'], ['directory.mmdb', 'it is not a regular file'], ['fifo.mmdb', 'it is not a regular file'],
    ['empty.mmdb', 'it is empty'], ['text.mmdb', 'it is no MaxMind database'], ['half.mmdb', 'it is shorter than its search tree'],
    ['head.mmdb', 'it is no MaxMind database'], ["damaged.mmdb", "a map.s key that is no text at byte 1 of its data"],
);
refused("$_->[0] #!", $_->[1]) for (
    ['gate_geoip "";', 'invalid value "" in "gate_geoip" directive, it must be the path of a database'],
    ["gate_geoip c.mmdb; gate_geoip $dir/c.mmdb;", 'c.mmdb" is named twice'],
    ['gate_geoip c.mmdb asn.mmdb;', 'invalid number of arguments in "gate_geoip"'],
    ['server { gate_geoip c.mmdb; }', '"gate_geoip" directive is not allowed here'],
    ['gate_geoip /' . 'x' x 249 . ';', 'the path has more than 249 bytes'],
    ['gate_geo_deny country=FR;', '"gate_geo_deny" asks for countries, which no "gate_geoip" has a database of'],
    ['gate_geo_allow country=FR;', '"gate_geo_allow" asks for countries, which no "gate_geoip" has a database of'],
    ['gate_geoip asn.mmdb; gate_geo_allow net=10.0.0.0/8 country=FR;', 'asks for countries'],
    ['gate_geoip c.mmdb; gate_geo_deny asn=1;', '"gate_geo_deny" asks for autonomous systems, which no "gate_geoip" has'],
);
refused("gate_geoip c.mmdb; gate_geo_deny $_->[0]; #!", "invalid value \"\Q$_->[0]\E\" in \"gate_geo_deny\" directive, it must be $_->[1]") for (
    ['country=', 'country= and ISO 3166-1 codes'], ['country=DEU', 'country= and'], ['country=D1', 'country= and'],
    ['country=DE,', 'country= and'], ['country=Germany', 'country= and'], ['asn=', 'asn= and numbers'],
    ['asn=x', 'asn= and numbers'], ['asn=4294967296', 'asn= and numbers'], ['asn=0', 'asn= and numbers'], ['asn=-1', 'asn= and numbers'],
    ['net=', 'net= and addresses'], ['net=192.0.2.0/33', 'net= and addresses'], ['net=example.com', 'net= and addresses'],
    ['net=192.0.2.0/24,,', 'net= and addresses'], ['DE', 'country=LIST, asn=LIST or net=LIST'], ['city=Bonn', 'country=LIST, asn=LIST or net=LIST'],
);
refused('gate_geo_deny; #!', 'invalid number of arguments');

accepted('gate_geoip c.mmdb; gate_geoip asn.mmdb; gate_geo_allow country=de,FR,- asn=64500,AS64501,-;
    server { gate_geo_deny net=192.0.2.0/24,2001:db8::/32,::1,unix:; location / { gate_geo_deny country=XX; } }');
accepted('server { gate_geo_deny net=10.0.0.0/8; }');
accepted('gate_geo_allow country=DE; gate_geoip c.mmdb;');
accepted('gate_geoip link.mmdb;');
like accepted('gate_geo_deny net=10.0.0.1/8;'), qr/\[warn\] .*low address bits of 10\.0\.0\.1\/8 are meaningless/, 'with a warning';

$t->done;
