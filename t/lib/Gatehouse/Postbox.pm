package Gatehouse::Postbox;

# A server that takes POSTs, in a process of its own, and keeps each as a file: what the sidecar reports to.
#
#     my $postbox = Gatehouse::Postbox->start($port, $dir);
#     $postbox->answer("HTTP/1.1 429 Slow down\r\nRetry-After: 60\r\n\r\n");   from now on
#     $postbox->taken                                                        ({head, fields, body}, …)

use v5.36;
use IO::Socket::INET;
use POSIX ();

sub start ($class, $port, $dir) {
    mkdir $dir or die "$dir: $!";
    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 512, ReuseAddr => 1) or die "port $port: $!";
    my $self = bless {port => $port, dir => $dir, owner => $$}, $class;
    $self->answer("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}");
    $self->{pid} = fork // die "fork: $!";
    if ($self->{pid} == 0) {
        $SIG{TERM} = $SIG{INT} = sub { POSIX::_exit(0) };
        $SIG{PIPE} = 'IGNORE';
        my $count = 0;
        while (1) {
            my $peer = $listener->accept or next;
            eval { $self->take($peer, ++$count) };
        }
    }
    return $self;
}

sub put ($self, $name, $bytes) {
    open my $file, '>:raw', "$self->{dir}/.new" or die "$self->{dir}: $!";
    print {$file} $bytes;
    close $file or die;
    rename "$self->{dir}/.new", "$self->{dir}/$name" or die;
    return;
}

sub answer ($self, $bytes) { return $self->put('answer', $bytes) }

sub slurp ($self, $name) {
    open my $file, '<:raw', "$self->{dir}/$name" or return;
    local $/;
    return scalar <$file>;
}

sub take ($self, $peer, $count) {
    local $SIG{ALRM} = sub { die "too slow\n" };
    alarm 20;
    my $input = '';
    while ($input !~ /\r\n\r\n/) {
        sysread $peer, $input, 65536, length $input or return;
    }
    my ($head) = $input =~ /^(.*?\r\n\r\n)/s;
    my ($length) = $head =~ /^Content-Length:\s*(\d+)/mi;
    syswrite $peer, "HTTP/1.1 100 Continue\r\n\r\n" if $head =~ /^Expect:/mi;
    while (length($input) < length($head) + ($length // 0)) {
        sysread $peer, $input, 65536, length $input or return;
    }
    $self->put(sprintf('taken-%06d', $count), $input);
    syswrite $peer, $self->slurp('answer');
    alarm 0;
    close $peer;
    return;
}

sub taken ($self) {
    my @all;
    opendir my $dir, $self->{dir} or die;
    for my $name (sort grep { /^taken-/ } readdir $dir) {
        my ($head, $body) = split /\r\n\r\n/, $self->slurp($name), 2;
        my ($first, @fields) = split /\r\n/, $head;
        push @all, {head => $first, body => $body, fields => {map { /^([^:]+):\s*(.*)$/ ? (lc $1 => $2) : () } @fields}};
    }
    return @all;
}

sub DESTROY ($self) {
    return if !$self->{pid} || $self->{owner} != $$;
    local ($?, $!);
    kill 'TERM', $self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

1;
