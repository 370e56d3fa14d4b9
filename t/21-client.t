#!/usr/bin/perl
# Who a client is: IPv4, IPv6 prefixes, unmapped addresses, Unix sockets; realip at every level; nobody else's word.
use v5.36;
use lib 't/lib';
use IO::Socket::IP;
use IO::Socket::UNIX;
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 6);
plan skip_all => 'module is not built' if !$t->built('module');
my $has_ipv6 = IO::Socket::IP->new(LocalAddr => '::1', LocalPort => 0, Listen => 1);

my $v6 = $has_ipv6 ? 'listen [::1]:%%PORT%%; listen [::]:%%PORT5%% ipv6only=off;' : '';
$t->nginx_conf(<<"END");
gate_limit_zone \$gate_client zone=c:1m quota=1000/hour window=fixed;
gate_limit zone=c;
add_header Client \$gate_client_text always;
add_header Real \$remote_addr always;
map "\$gate_client" \$kind { "unix:" unix; "~(?s)^.{4}\$" v4; "~(?s)^.{8}\$" v6; "~(?s)^.{16}\$" v6; default other; }
add_header Kind \$kind always;
server {
    listen 127.0.0.1:%%PORT%%; listen unix:%%DIR%%/client.sock; $v6
    location / { empty_gif; }
    location = /location { set_real_ip_from 127.0.0.0/8; set_real_ip_from ::1; set_real_ip_from unix:; real_ip_header X-Forwarded-For; empty_gif; }
    location = /recursive { set_real_ip_from 127.0.0.0/8; set_real_ip_from 10.0.0.0/8; real_ip_recursive on; real_ip_header X-Forwarded-For; empty_gif; }
    location = /24 { set_real_ip_from 127.0.0.0/8; real_ip_header X-Real-IP; gate_client_prefix 24 48; empty_gif; }
    location = /0 { set_real_ip_from 127.0.0.0/8; real_ip_header X-Real-IP; gate_client_prefix 0 0; empty_gif; }
    location = /128 { set_real_ip_from 127.0.0.0/8; real_ip_header X-Real-IP; gate_client_prefix 32 128; empty_gif; }
    location = /redirect { error_page 404 = /location; try_files /none =404; }
}
server { listen 127.0.0.1:%%PORT1%%; set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP; location / { empty_gif; } }
server { listen 127.0.0.1:%%PORT2%% proxy_protocol; set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol; location / { empty_gif; } }
server { listen 127.0.0.1:%%PORT3%%; set_real_ip_from 192.0.2.0/24; real_ip_header X-Forwarded-For; location / { empty_gif; } }
END
$t->start_nginx;

# {client, kind, charged}: charged is how many this address has spent so far.
sub seen ($response) {
    my $h = $response->{header};
    my ($remaining) = $h->{ratelimit} =~ /;r=(\d+)/;
    return "$h->{client} $h->{kind} " . (1000 - $remaining);
}

# What this process itself, 127.0.0.1, has spent.
sub spent () { return (split ' ', seen($t->get('/')))[2] }

sub over ($socket, $path, @headers) {
    my $http = Gatehouse::Http->new(port => 0);
    $http->{socket} = $socket // die "connect: $!";
    return seen($http->request({path => $path, headers => \@headers}));
}

sub ip ($address, $port) { return IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Type => SOCK_STREAM) }

is seen($t->get('/')), '127.0.0.1 v4 1', 'IPv4';
is over(IO::Socket::UNIX->new(Peer => $t->dir('client.sock')), '/'), 'unix: unix 1', 'a Unix socket';
is over(IO::Socket::UNIX->new(Peer => $t->dir('client.sock')), '/'), 'unix: unix 2', 'all of them are one client';
SKIP: {
    skip 'no IPv6', 2 if !$has_ipv6;
    is over(ip('::1', $t->port), '/'), '::/64 v6 1', 'IPv6';
    is over(ip('127.0.0.1', $t->port(5)), '/'), '127.0.0.1 v4 2', 'IPv4 through a socket of IPv6 is the same client';
}

subtest 'realip of a location' => sub {
    my $from = sub ($path, $address) { seen($t->get($path, 'X-Forwarded-For' => $address)) };
    is $from->('/location', '198.51.100.1'), '198.51.100.1 v4 1', 'the address it says';
    is $from->('/location', '198.51.100.1'), '198.51.100.1 v4 2';
    is $from->('/location', '198.51.100.2'), '198.51.100.2 v4 1', 'another one';
    is $from->('/location', '2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64 v6 1', 'IPv6: its /64';
    is $from->('/location', "2001:db8:1:2::$_"), '2001:db8:1:2::/64 v6 ' . ($_ + 1), 'whatever the rest is' for 1 .. 3;
    is $from->('/location', '2001:db8:1:3::1'), '2001:db8:1:3::/64 v6 1', 'the next /64';
    is $from->('/location', '::ffff:198.51.100.1'), '198.51.100.1 v4 3', 'a mapped address is the one it maps';
    my $own = spent();
    is $from->('/redirect', '198.51.100.7'), '198.51.100.7 v4 ' . ($own + 1), 'charged to who it was where it came in';
    is $from->('/location', '198.51.100.7'), '198.51.100.7 v4 1', 'and not to who it became';
    my $unix = IO::Socket::UNIX->new(Peer => $t->dir('client.sock'));
    is over($unix, '/location', 'X-Forwarded-For' => '198.51.100.1'), '198.51.100.1 v4 4', 'by a peer on a Unix socket';
};

subtest 'who may say so' => sub {
    my $http = sub ($index, $path, @headers) { seen($t->http($index)->request({path => $path, headers => \@headers})) };
    my $own = spent();
    is $http->(0, '/', 'X-Forwarded-For' => "198.51.100.$_"), '127.0.0.1 v4 ' . ++$own, 'X-Forwarded-For where nobody is trusted' for 1 .. 3;
    is $http->(3, '/', 'X-Forwarded-For' => "198.51.100.$_"), '127.0.0.1 v4 ' . ++$own, 'from who is not trusted' for 1 .. 3;
    is $http->(1, '/', 'X-Real-IP' => '203.0.113.1'), '203.0.113.1 v4 1', 'of a server';
    is $http->(1, '/', 'X-Forwarded-For' => '203.0.113.2'), '127.0.0.1 v4 ' . ++$own, 'by another header';
    is $http->(0, '/location', 'X-Forwarded-For' => '1.2.3.4, garbage'), '127.0.0.1 v4 ' . ++$own, 'garbage at the end of the list';
    is $http->(0, '/recursive', 'X-Forwarded-For' => '1.2.3.4, garbage, 10.0.0.9'), '10.0.0.9 v4 1', 'garbage within it: the last that was trusted';
    is $http->(0, '/recursive', 'X-Forwarded-For' => '1.2.3.4, 203.0.113.9, 10.0.0.9, 10.1.1.1'), '203.0.113.9 v4 1',
        'recursive: the first from the right that is not trusted';
    is $http->(0, '/location', 'X-Forwarded-For', '1.2.3.4', 'X-Forwarded-For', '203.0.113.10'), '203.0.113.10 v4 1', 'several lines are one list';
    is $http->(0, '/location', 'X-Forwarded-For' => $_), '127.0.0.1 v4 ' . ++$own, "no address: $_"
        for '', ' ', 'x' x 300, '1.2.3.4.5', '1.2.3.4; drop', '300.1.1.1';
};

subtest 'proxy_protocol' => sub {
    my $socket = ip('127.0.0.1', $t->port(2));
    print {$socket} "PROXY TCP4 203.0.113.77 127.0.0.1 1000 80\r\n";
    is over($socket, '/'), '203.0.113.77 v4 1';
    $socket = ip('127.0.0.1', $t->port(2));
    print {$socket} "PROXY TCP6 2001:db8:77::1 ::1 1000 80\r\n";
    is over($socket, '/'), '2001:db8:77::/64 v6 1';
};

subtest 'gate_client_prefix' => sub {
    my $from = sub ($path, $address) { seen($t->get($path, 'X-Real-IP' => $address)) };
    is $from->('/24', '100.64.7.1'), '100.64.7.0/24 v4 1', 'a /24';
    is $from->('/24', '100.64.7.255'), '100.64.7.0/24 v4 2', 'the same network';
    is $from->('/24', '100.64.8.1'), '100.64.8.0/24 v4 1', 'another one';
    is $from->('/24', '2001:db8:5:6::1') =~ s/ v6| other//r, '2001:db8:5::/48 1', 'a /48';
    like $from->('/0', '100.64.9.9'), qr{^0\.0\.0\.0/0 }, '0: everybody is one client';
    like $from->('/0', '2001:db8::1'), qr{^::/0 };
    is $from->('/128', '2001:db8:9::1'), '2001:db8:9::1 v6 1', '128: each address is one';
    is $from->('/128', '2001:db8:9::2'), '2001:db8:9::2 v6 1';
};

$t->done;
