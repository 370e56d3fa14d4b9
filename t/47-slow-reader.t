#!/usr/bin/perl
# A reader who is slower than 50 publishes gets the whole of the one generation it asked for.

use v5.36;
use lib 't/lib';
use Digest::MD5 qw(md5_hex);
use Gatehouse;
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

my $publisher = $t->start_publisher;

# Far more than the socket buffers of both ends hold.
sub publish ($generation) {
    my $row = qq({"generation":$generation,"text":") . ('x' x 1000) . '"}';
    my $body = '[' . join(',', ($row) x 8000) . ']';
    $publisher->command('publish', 'big', '/api/big', 'json=' . $t->write_file('big.json', $body));
    return md5_hex($body);
}

my %digest = (1 => publish(1));

# The same by memory buffers and by sendfile.
$t->nginx_conf(<<'END');
    send_timeout 600s;
    server { listen 127.0.0.1:%%PORT%%;  sendfile on;  location / { gate_board on; } }
    server { listen 127.0.0.1:%%PORT1%%; sendfile off; location / { gate_board on; } }
END
$t->start_nginx;
my ($worker) = $t->nginx_workers;

my @readers = map { $t->http($_, timeout => 120)->connect } 0, 1;
for my $reader (@readers) {
    $reader->send($reader->format({path => '/api/big'}));
    # The head and the first bytes only.
    wait_for(sub { $reader->more(Gatehouse::now() + 5) && length $reader->{buffer} > 10_000 }, 5, 'first bytes');
}

for my $generation (2 .. 51) {
    $digest{$generation} = publish($generation);
    $publisher->wait_for_event(qr/^applied $generation /);
}
cmp_ok Gatehouse::Process::mapping_count($worker, 'memfd:gatehouse-card'), '==', 2,
    'the worker maps the newest generation and the one that is still being read';

for my $index (0, 1) {
    my $response = $readers[$index]->read_response;
    my $way = $index ? 'memory buffers' : 'sendfile';
    is $response->{status}, 200, "$way: status";
    is length($response->{body}), $response->{header}{'content-length'}, "$way: all of it";
    is md5_hex($response->{body}), $digest{1}, "$way: the bytes of generation 1";
}
is md5_hex($t->get('/api/big')->{body}), $digest{51}, 'who asks now gets generation 51';
wait_for(sub { Gatehouse::Process::mapping_count($worker, 'memfd:gatehouse-card') == 1 }, 5,
    'an end of the generation that was read');
pass 'the old generation is unmapped once its last byte is sent';

$t->done;
