#!/usr/bin/perl
# Databases that change while nginx and the sidecar run: the workers get the new one without a reload.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Mmdb qw(mmdb country);

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));

sub database ($code, $epoch) { return mmdb({'10.0.0.0/8' => country($code)}, epoch => $epoch) }
my $path = $t->write_file('c.mmdb', database('DE', 1_700_000_001));
my $asn = $t->write_file('asn.mmdb', mmdb({'10.0.0.0/8' => {asn => 64500}}));

$t->sidecar_config({sources => {}, cards => {}});
$t->start_sidecar;
$t->nginx_conf(<<'END');
gate_geoip c.mmdb;
gate_geoip asn.mmdb;
server {
    listen 127.0.0.1:%%PORT%%;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-From;
    add_header X-Geo "$gate_country $gate_asn";
    location / { empty_gif; }
    location /deny { gate_geo_deny country=FR; empty_gif; }
    location = /metrics { gate_metrics prometheus; }
}
END
$t->start_nginx;
$t->wait_in_step;

sub geo () { return $t->get('/', 'X-From' => '10.1.2.3')->{header}{'x-geo'} }
sub both_say ($expected, $what) {
    my $run = 0;  # both workers take requests, each when it likes
    wait_for(sub { $run = geo() eq $expected ? $run + 1 : 0; $run >= 20 }, 20, $what);
    return pass $what;
}
sub built () { return $t->get('/metrics')->{body} =~ /^gatehouse_geoip_build_timestamp_seconds\{database="c\.mmdb"\} (\d+)$/m && $1 }
sub in_place ($bytes) {
    open my $file, '+<:raw', $path or die "$path: $!";
    truncate $file, 0 or die $!;
    print {$file} $bytes;
    close $file or die $!;
    return;
}
sub listed ($of = $path) {
    my ($found) = grep { $_->{path} eq $of } @{$t->ctl_json('geoip', 'list')->{databases}};
    return $found // {};
}
sub published () { return scalar(() = $t->log_text('sidecar.log') =~ /"geoip database published"/g) }

is geo(), 'DE 64500', 'as nginx read them';
wait_for(sub { listed()->{type} && listed($asn)->{type} }, 20, 'the sidecar has looked at both');
is listed()->{workers}, 2, 'which two workers have named';
is published(), 0, 'what nginx has read itself it is not sent';
my @workers = $t->nginx_workers;

$t->write_file('c.mmdb', database('FR', 1_700_000_002));
both_say('FR 64500', 'replaced by a rename: both workers have the new one');
is built(), 1_700_000_002, 'so do the metrics';
is $t->get('/deny', 'X-From' => '10.1.2.3')->{status}, 403, 'and the rules';
is listed()->{built_at}, 1_700_000_002, 'and the list';
ok listed()->{handed_out}, 'which says that it came from the sidecar';
is published(), 1, 'published once';

in_place(database('JP', 1_700_000_003));
both_say('JP 64500', 'rewritten in place');

in_place(substr database('US', 1_700_000_004), 0, 100);
wait_for(sub { listed()->{error} }, 20, 'a damaged file is refused');
like listed()->{error}, qr/c\.mmdb": it is no MaxMind database/, 'in words';
like $t->log_text('sidecar.log'), qr/"geoip database refused".*c\.mmdb/, 'in the log';
both_say('JP 64500', 'and the one before stays');
wait_for(sub { $t->get('/metrics')->{body} =~ /^gatehouse_geoip_refused_total\{database="c\.mmdb"\} [1-9]/m }, 10, 'it was counted') for 1 .. 8;
like +($t->ctl('geoip', 'list'))[1], qr/^\S+c\.mmdb .* refused: .*no MaxMind database/m, 'the table says so';

$t->expect_killed_worker($workers[0]);
$t->kill_worker($workers[0]);
wait_for(sub { my @now = $t->nginx_workers; @now == 2 && !grep { $_ == $workers[0] } @now }, 20, 'a new worker');
@workers = $t->nginx_workers;
both_say('JP 64500', 'a worker that comes later gets what the others have, not what nginx began with');

unlink $path;
wait_for(sub { (listed()->{error} // '') =~ /No such file/ }, 20, 'the file is gone');
both_say('JP 64500', 'nobody minds');

$t->write_file('c.mmdb', database('US', 1_700_000_005));
both_say('US 64500', 'a sound one again');
is listed()->{error}, undef, 'the flaw is forgotten';
is_deeply [sort $t->nginx_workers], [sort @workers], 'all by the same workers';

subtest 'a reload reads for itself' => sub {
    $t->write_file('c.mmdb', database('BR', 1_700_000_006));
    $t->reload_nginx;
    both_say('BR 64500', 'the file as it is, at once');
    wait_for(sub { (listed()->{built_at} // 0) == 1_700_000_006 && !listed()->{handed_out} }, 20, 'the sidecar lets go of its copy');
    both_say('BR 64500', 'and hands out nothing older');
};

subtest 'a sidecar that starts later' => sub {
    $t->stop_sidecar;
    $t->write_file('c.mmdb', database('NZ', 1_700_000_007));
    is geo(), 'BR 64500', 'without a sidecar nothing changes';
    $t->start_sidecar;
    both_say('NZ 64500', 'until it is back');
};

subtest 'gatehousectl' => sub {
    my ($exit, $out) = $t->ctl('geoip', 'lookup', '10.0.0.1', '::ffff:10.9.9.9', '192.0.2.1');
    is $exit, 0, 'lookup in the databases of nginx';
    is_deeply [map { join ' ', split } split /\n/, $out],
        ['ADDRESS COUNTRY CONTINENT CITY ASN AS ORG', '10.0.0.1 NZ - - 64500 -', '::ffff:10.9.9.9 NZ - - 64500 -', '192.0.2.1 - - - - -'],
        'a table';
    is_deeply $t->ctl_json('geoip', 'lookup', '10.0.0.1', '--db', $asn)->{addresses},
        [{address => '10.0.0.1', country => undef, continent => undef, city => undef, asn => 64500, as_org => undef}],
        'in one that is named, as JSON';
    ($exit, $out, my $err) = $t->ctl('geoip', 'lookup', '10.0.0.1', '--db', '/missing.mmdb');
    is $exit, 1, 'a database that is not there';
    like $err, qr{"/missing\.mmdb": No such file}, 'is named';
    is +($t->ctl('geoip', 'lookup', '10.0.0.x'))[0], 2, 'what is no address';
};

$t->done;
