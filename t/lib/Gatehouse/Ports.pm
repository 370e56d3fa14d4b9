package Gatehouse::Ports;

# TCP ports of 127.0.0.1 that no other test of this machine gets, also under prove -j.
#
# A counter in a locked file goes round below the kernel's ephemeral range, so that neither another
# test nor an outgoing connection takes a port between its reservation and its use.

use v5.36;
use Fcntl qw(:flock O_RDWR O_CREAT);
use IO::Socket::INET;

use constant { FIRST => 20_000, LAST => 29_999 };

sub reserve ($count) {
    my $file = "/tmp/gatehouse-test-ports.$<";
    sysopen(my $lock, $file, O_RDWR | O_CREAT, 0600) or die "$file: $!";
    flock($lock, LOCK_EX) or die "$file: $!";
    my $next = (readline $lock // '') =~ /^(\d+)$/ ? $1 : FIRST + $$ % 5000;

    my @ports;
    for (my $tried = 0; @ports < $count; ++$tried) {
        die "no free port between @{[FIRST]} and @{[LAST]}" if $tried > LAST - FIRST;
        $next = FIRST if $next < FIRST || $next > LAST;
        my $port = $next++;
        push @ports, $port if is_free($port);
    }
    seek($lock, 0, 0);
    truncate($lock, 0);
    print {$lock} $next;
    close $lock or die "$file: $!";
    return @ports;
}

sub is_free ($port) {
    return IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1, ReuseAddr => 1);
}

1;
