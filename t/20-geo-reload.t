#!/usr/bin/perl
# Databases that change under a running nginx: rewritten in place, truncated, replaced, damaged before a reload.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Mmdb qw(mmdb country);

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'module is not built' if !$t->built('module');

# Large enough that a look-up would have to read pages that are not in memory yet.
my %networks = map { my $a = $_; map { ("10.$a.$_.0/24" => {%{country('DE')}, note => "$a.$_" . 'x' x 200}) } 0 .. 255 } 0 .. 15;
my $german = mmdb(\%networks);
my $french = mmdb({'10.0.0.0/8' => country('FR')}, epoch => 1_700_000_001);
my $path = $t->write_file('c.mmdb', $german);

$t->nginx_conf(<<'END');
gate_geoip %%DIR%%/c.mmdb;
server {
    listen 127.0.0.1:%%PORT%%;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-From;
    add_header X-Country $gate_country;
    location / { empty_gif; }
    location = /metrics { gate_metrics prometheus; }
}
END
$t->start_nginx;

sub country_of ($address) { return $t->get('/', 'X-From' => $address)->{header}{'x-country'} }
sub built () { return $t->get('/metrics')->{body} =~ /^gatehouse_geoip_build_timestamp_seconds\S* (\d+)$/m ? $1 : undef }

sub in_place ($bytes) {
    open my $file, '+<:raw', $path or die "$path: $!";
    truncate $file, 0 or die $!;
    print {$file} $bytes;
    close $file or die $!;
    return;
}

is country_of('10.0.0.1'), 'DE', 'as it was read';

my @workers = $t->nginx_workers;
in_place('');
is country_of("10.$_.77.1"), 'DE', 'truncated in place: served from the copy' for 0 .. 15;
in_place(substr $german, 0, length($german) / 3);
is country_of('10.15.255.1'), 'DE', 'half written';
in_place("\xff" x length $german);
is country_of('10.7.0.1'), 'DE', 'overwritten';
is_deeply [$t->nginx_workers], \@workers, 'no worker has died';

$t->expect_in_logs(qr/\[emerg\] .*"gate_geoip": "\Q$path\E": it is no MaxMind database/);
my $since = $t->log_end;
$t->{nginx}->signal('HUP');
wait_for(sub { substr($t->log_text('error.log'), $since) =~ /\[emerg\] .*it is no MaxMind database/ }, 10, 'the refusal');
is country_of('10.3.0.1'), 'DE', 'a reload over a damaged file: the configuration before stays, with its copy';
is_deeply [$t->nginx_workers], \@workers, 'and its workers';

in_place($french);
is country_of('10.3.0.1'), 'DE', 'a sound file again';
$t->reload_nginx;
is country_of('10.3.0.1'), 'FR', 'which the reload takes';
is built(), 1_700_000_001, 'as the metrics say';

$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { empty_gif; add_header X-Country $gate_country; }
    location = /metrics { gate_metrics prometheus; } }');
$t->reload_nginx;
is country_of('10.3.0.1'), '-', 'without databases nothing is known';
is built(), undef, 'and nothing measured';

$t->done;
