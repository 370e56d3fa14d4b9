package Gatehouse::Redis;

# A server that answers PING as Redis does (RESP2), in a process of its own.

use v5.36;
use IO::Socket::INET;
use POSIX ();

sub start ($class, $port) {
    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 16, ReuseAddr => 1) or die "port $port: $!";
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        $SIG{TERM} = $SIG{INT} = sub { POSIX::_exit(0) };
        $SIG{PIPE} = 'IGNORE';
        while (1) {
            my $peer = $listener->accept or next;
            answer($peer) while readline($peer);
        }
    }
    return bless {pid => $pid, owner => $$}, $class;
}

# Of a command the first line is read: "*1". Then come the length of its only word, and the word.
sub answer ($peer) {
    readline $peer;
    my $word = readline $peer;
    return syswrite $peer, ($word // '') =~ /^PING\r$/i ? "+PONG\r\n" : "-ERR unknown command\r\n";
}

sub stop ($self) {
    my $pid = delete $self->{pid} // return;
    local ($?, $!);
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return;
}

sub DESTROY ($self) {
    $self->stop if $self->{owner} == $$;
    return;
}

1;
