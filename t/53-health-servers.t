#!/usr/bin/perl
# Checks of servers that speak more than HTTP: TLS and its certificates, Redis, PostgreSQL; dependencies,
# maintenance, grace.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Nginx;
use Gatehouse::Postgres;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use POSIX qw(strftime);
use Test::More;

my $t = Gatehouse->new(ports => 6);
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
my ($true, $false) = (JSON::PP::true, JSON::PP::false);
sub address ($number) { return '127.0.0.1:' . $t->port($number) }

# --- certificates: an authority of our own, and servers that have 30 days, 5 days, none left ---
sub openssl (@words) {
    my ($exit, undef, $err) = $t->run_program(['openssl', @words], timeout => 60);
    die "openssl @words: $err" if $exit;
    return;
}
sub day ($days) { return strftime('%y%m%d%H%M%SZ', gmtime(time + 86400 * $days)) }
openssl(qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 100 -subj /CN=authority), '-keyout', $t->dir('ca.key'), '-out', $t->dir('ca.pem'));
$t->write_file('index.txt', '');
$t->write_file('ca.cnf', "[ca]\ndefault_ca=a\n[a]\ndir=%%DIR%%\ndatabase=%%DIR%%/index.txt\nnew_certs_dir=%%DIR%%\ncertificate=%%DIR%%/ca.pem\nprivate_key=%%DIR%%/ca.key\nrand_serial=yes\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n" =~ s/%%DIR%%/$t->dir('')/ger);
my %server;
for ([long => 30, 1], [short => 5, 2], [expired => -1, 3]) {
    my ($name, $days, $port) = @$_;
    openssl(qw(req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=dashboard.test -addext), 'subjectAltName=DNS:dashboard.test,IP:127.0.0.1', '-keyout', $t->dir("$name.key"), '-out', $t->dir("$name.csr"));
    openssl(qw(ca -batch -notext), '-config', $t->dir('ca.cnf'), '-startdate', day(-10), '-enddate', day($days), '-in', $t->dir("$name.csr"), '-out', $t->dir("$name.pem"));
    $server{$name} = $t->spawn(name => "s_server $name", log => "$name.log",
        command => ['openssl', 's_server', '-accept', address($port), '-cert', $t->dir("$name.pem"), '-key', $t->dir("$name.key"), '-quiet', '-www']);
    wait_for(sub { Gatehouse::Nginx::accepts($t->port($port)) }, 10, $name);
}

# --- a server that speaks Redis's protocol, as its documents have it: PING, AUTH, and a refusal ---
my $redis = fork // die "fork: $!";
if (!$redis) {
    $SIG{PIPE} = 'IGNORE';
    my $listener = IO::Socket::INET->new(LocalAddr => address(4), Listen => 16, ReuseAddr => 1) or POSIX::_exit(1);
    while (my $peer = $listener->accept) {
        my $known = 0;
        while ((<$peer> // '') =~ /^\*([0-9])/) {
            my @words;
            for (1 .. $1) {
                my $size = substr scalar(<$peer>), 1;
                read $peer, my $word, $size + 2;
                push @words, substr $word, 0, $size;
            }
            $known ||= $words[0] eq 'AUTH' && $words[1] eq "se same\r\nPING";
            print {$peer} $words[0] eq 'AUTH' ? ($known ? "+OK\r\n" : "-WRONGPASS invalid username-password pair\r\n") : $known ? "+PONG\r\n" : "-NOAUTH Authentication required.\r\n";
            $peer->flush;
        }
    }
    POSIX::_exit(0);
}
wait_for(sub { Gatehouse::Nginx::accepts($t->port(4)) }, 10, 'redis');

# --- one that takes connections and says nothing ---
my $mute = IO::Socket::INET->new(LocalAddr => address(5), Listen => 16, ReuseAddr => 1) or die "mute: $!";

my $pg = Gatehouse::Postgres->available ? Gatehouse::Postgres->new($t, max_connections => 10) : undef;
$pg->start if $pg;

my @tls = (kind => 'tls', allow_private => $true, ca_file => $t->dir('ca.pem'), server_name => 'dashboard.test');
my @https = (kind => 'http', allow_private => $true, ca_file => $t->dir('ca.pem'));
sub https_url ($number, $host = '127.0.0.1') { return "https://$host:" . $t->port($number) . '/' }
my @redis = (kind => 'redis', allow_private => $true, timeout => '1s');
my %checks = (
    long => {@tls, address => address(1)},
    short => {@tls, address => address(2)},
    short_down => {@tls, address => address(2), fail => 10},
    expired => {@tls, address => address(3)},
    name => {@tls, address => address(1), server_name => 'other.test'},
    https => {@https, url => https_url(1), contains => 's_server'},
    https_expired => {@https, url => https_url(3)},
    https_name => {@https, url => https_url(1, 'localhost')},
    https_chain => {kind => 'http', allow_private => $true, url => https_url(1)},
    chain => {kind => 'tls', allow_private => $true, address => address(1), server_name => 'dashboard.test'},
    plain => {@tls, address => address(4), timeout => '1s'},
    redis => {@redis, address => address(4), password => "se same\r\nPING"},
    redis_wrong => {@redis, address => address(4), password => 'sesame'},
    redis_none => {@redis, address => address(4)},
    redis_mute => {@redis, address => address(5)},
    excused => {kind => 'file', path => $t->dir('none'), severity => 'critical', maintenance => [{cron => '* * * * *', for => '2m'}]},
    graced => {kind => 'file', path => $t->dir('none'), severity => 'critical', grace => '1h'},
    $pg ? (
        postgres => {kind => 'postgres', url => $pg->url},
        pool => {kind => 'postgres', source => 'runs', severity => 'critical', interval => '1s', timeout => '2s'},
        pg_wrong => {kind => 'postgres', url => $pg->url =~ s/user=app/user=nobody/r},
    ) : (),
);
$t->sidecar_config({
    $pg ? (sources => {runs => {kind => 'postgres', url => $pg->url}}) : (),
    checks => \%checks,
    alerts => {rules => {down => {on => 'check'}, cert => {on => 'certificate', days => 20}}},
});
$t->start_sidecar;

sub health { return decode_json(($t->ctl('-o', 'json', 'health'))[1]) }
sub check ($name) { return (grep { $_->{name} eq $name } @{health()->{checks}})[0] }
sub stands ($name, $state, $message, $what) {
    my $found = check($name);
    is $found->{state}, $state, $what or diag $found->{message};
    return like $found->{message}, $message, "$name says why";
}
wait_for(sub { !grep { !$_->{checked_at} } @{health()->{checks}} }, 30, 'the first run of all');

stands('long', 'up', qr/^$/, 'a certificate with 30 days left');
my $days = check('long')->{value};
ok $days > 29.9 && $days <= 30, 'counted in days' or diag $days;
stands('short', 'degraded', qr/expires in 4 days|expires in 5 days/, 'with 5 days left, less than 14');
stands('short_down', 'down', qr/expires in/, 'with less than "fail"');
stands('expired', 'down', qr/expired/, 'that has expired');
stands('name', 'down', qr/other\.test/, 'for another name');
stands('chain', 'down', qr/certificate/, 'of an authority that nobody knows');
stands('https', 'up', qr/^$/, 'HTTPS with an authority of our own');
stands('https_expired', 'down', qr/expired/, 'with a certificate that has expired');
stands('https_name', 'down', qr/localhost/, 'for another name');
stands('https_chain', 'down', qr/certificate/, 'of an authority that nobody knows');
stands('plain', 'down', qr/./, 'no TLS at all');
stands('redis', 'up', qr/^$/, 'Redis with its password, whatever is in that');
stands('redis_wrong', 'down', qr/WRONGPASS/, 'with another');
stands('redis_none', 'down', qr/NOAUTH/, 'with none');
stands('redis_mute', 'down', qr/in time/, 'no answer');
stands('excused', 'down', qr/No such file/, 'in maintenance it is down');
ok check($_)->{excused}, "$_ is excused" for qw(excused graced);
is health()->{state}, 'degraded', 'and does not count';

# --- what alerts make of them: all of them look at the same moment ---
my %alerts;
ok wait_for(sub {
    %alerts = ();
    $alerts{$_->{rule}}{$_->{target}} = $_->{detail} for @{$t->ctl_json('alert', 'list')->{alerts}};
    $alerts{down}{chain} && $alerts{cert}{short};
}, 20, 'alerts'), 'alerts of what is down, and of a certificate that ends soon';
ok !$alerts{down}{$_}, "$_: no alert of what is excused" for qw(excused graced);
like $alerts{cert}{expired}, qr/^the certificate of "expired" ended 1 days ago$/, 'a certificate that has expired is one that ends soon';
ok check('expired')->{value} < -1 && check('expired')->{value} > -2, 'its days are less than none';
is check('chain')->{value}, undef, 'whoever is not trusted is not believed when his ends';
is_deeply [sort keys %{$alerts{cert}}], [qw(expired short short_down)], 'and there is no alert of it';
unlike $t->log_text('sidecar.log'), qr/se same|sesame/, 'no password in the log';
unlike(($t->run_program([$t->sidecar_command('-T')]))[1], qr/se same|sesame/, 'nor in the dump');

if ($pg) {
    stands('postgres', 'up', qr/^$/, 'PostgreSQL by a URL');
    stands('pool', 'up', qr/^$/, 'and by a source');
    stands('pg_wrong', 'down', qr/nobody/, 'as somebody who does not exist');
    $pg->kill;
    wait_for(sub { check('pool')->{state} eq 'down' }, 20, 'PostgreSQL down');
    is health()->{state}, 'down', 'critical: the whole is down';
    $pg->start;
    ok eval { wait_for(sub { check('pool')->{state} eq 'up' }, 20, 'PostgreSQL up') }, 'and up again when it is back' or diag check('pool')->{message};
    $pg->stop;
}

$t->stop_sidecar;
kill 'TERM', $redis;
waitpid $redis, 0;
done_testing;
