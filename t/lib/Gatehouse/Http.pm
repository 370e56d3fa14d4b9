package Gatehouse::Http;

# An HTTP/1.1 client on a plain socket that shows every byte it got. One object is one address; a
# connection is kept between requests when `keepalive` is set.
#
# A response is {status, reason, headers => [[name, value], …], header => {lower-cased name => values
# joined by ", "}, body}. What is no whole response dies with the reason: "closed before the status
# line", "body ends after 10 of 20 bytes", "timeout", …

use v5.36;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Gatehouse::Wait qw(now stretched);

# Gatehouse::Http->new(port => N | path => SOCKET, timeout => 10, keepalive => 0)
sub new ($class, %option) {
    my $timeout = stretched($option{timeout} // 10);
    return bless {keepalive => 0, buffer => '', reused => 0, %option, timeout => $timeout}, $class;
}

sub get ($self, $path, %headers) {
    return $self->request({method => 'GET', path => $path, headers => \%headers});
}

sub head ($self, $path, %headers) {
    return $self->request({method => 'HEAD', path => $path, headers => \%headers});
}

# Takes {method, path, version, headers => {} | [name, value, …], body}, or the raw bytes to send.
sub request ($self, $request) {
    my $raw = ref $request ? $self->format($request) : $request;
    $self->connect if !$self->{socket};
    $self->send($raw);
    return $self->read_response($raw =~ /^HEAD /);
}

sub format ($self, $request) {
    my $headers = $request->{headers} // {};
    my @list = ref $headers eq 'HASH' ? map { $_, $headers->{$_} } sort keys %$headers : @$headers;
    my $text = join ' ', $request->{method} // 'GET', $request->{path},
        ($request->{version} // 'HTTP/1.1') . "\r\n";
    my %given;
    while (my ($name, $value) = splice @list, 0, 2) {
        $text .= "$name: $value\r\n";
        $given{lc $name} = 1;
    }
    $text .= "Host: localhost\r\n" if !$given{host};
    $text .= "Connection: close\r\n" if !$self->{keepalive} && !$given{connection};
    my $body = $request->{body};
    $text .= 'Content-Length: ' . length($body) . "\r\n" if defined $body && !$given{'content-length'};
    return "$text\r\n" . ($body // '');
}

sub connect ($self) {
    my $socket =
        defined $self->{path}
        ? IO::Socket::UNIX->new(Peer => $self->{path})
        : IO::Socket::INET->new(
            PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => $self->{timeout});
    die "connect: $!\n" if !$socket;
    $socket->autoflush(1);
    @$self{qw(socket buffer reused)} = ($socket, '', 0);
    return $self;
}

sub close ($self) {
    delete $self->{socket};
    $self->{buffer} = '';
    return;
}

sub send ($self, $bytes) {
    local $SIG{PIPE} = 'IGNORE';
    my $deadline = now() + $self->{timeout};
    while (length $bytes) {
        IO::Select->new($self->{socket})->can_write($deadline - now()) or $self->fail('timeout');
        my $sent = syswrite($self->{socket}, $bytes) // $self->fail("closed before the status line ($!)");
        substr($bytes, 0, $sent) = '';
    }
    return;
}

# Reads until a whole response is there. A HEAD request's has no body.
sub read_response ($self, $is_head = 0) {
    my $deadline = now() + $self->{timeout};
    my $response;
    do {
        $response = $self->read_head($deadline);
    } while ($response->{status} =~ /^1/ && $response->{status} != 101);
    $response->{body} = $self->read_body($response, $is_head, $deadline);

    my $connection = lc($response->{header}{connection} // '');
    if ($self->{keepalive} && $connection ne 'close' && $response->{framed}) {
        ++$self->{reused};
    } else {
        $self->close;
    }
    return $response;
}

sub read_head ($self, $deadline) {
    my $end;
    while (($end = index $self->{buffer}, "\r\n\r\n") < 0) {
        next if $self->more($deadline);
        $self->fail('closed before the status line') if $self->{buffer} eq '';
        $self->fail('closed within the header');
    }
    my ($status_line, @lines) = split /\r\n/, substr($self->{buffer}, 0, $end);
    substr($self->{buffer}, 0, $end + 4) = '';
    $status_line =~ m{^HTTP/1\.[01] (\d{3}) ?(.*)$} or $self->fail("no status line: $status_line");
    my %response = (status => $1, reason => $2, headers => [], header => {});
    for my $line (@lines) {
        my ($name, $value) = $line =~ /^([^:\s]+):[ \t]*(.*?)[ \t]*$/ or $self->fail("no header: $line");
        push @{$response{headers}}, [$name, $value];
        my $key = lc $name;
        $response{header}{$key} =
            exists $response{header}{$key} ? "$response{header}{$key}, $value" : $value;
    }
    return \%response;
}

sub read_body ($self, $response, $is_head, $deadline) {
    my $header = $response->{header};
    $response->{framed} = 1;
    return '' if $is_head || $response->{status} =~ /^(?:1..|204|304)$/;
    return $self->read_chunks($deadline) if lc($header->{'transfer-encoding'} // '') eq 'chunked';
    return $self->take($header->{'content-length'}, $deadline) if defined $header->{'content-length'};
    $response->{framed} = 0;
    while ($self->more($deadline)) { }
    return $self->{buffer};
}

sub read_chunks ($self, $deadline) {
    my $body = '';
    while (1) {
        while ($self->{buffer} !~ /\r\n/) {
            $self->more($deadline) or $self->fail('chunked body is cut off');
        }
        $self->{buffer} =~ s/^([0-9a-fA-F]+)[^\r\n]*\r\n// or $self->fail('bad chunk');
        my $size = hex $1;
        $body .= $self->take($size, $deadline);
        $self->take(2, $deadline);
        return $body if $size == 0;
    }
}

sub take ($self, $size, $deadline) {
    while (length $self->{buffer} < $size) {
        next if $self->more($deadline);
        $self->fail('body ends after ' . length($self->{buffer}) . " of $size bytes");
    }
    return substr $self->{buffer}, 0, $size, '';
}

# Appends what has come; false at the end of the stream.
sub more ($self, $deadline) {
    # A signal, such as the one that ends a load, interrupts the wait and is no timeout.
    until (IO::Select->new($self->{socket})->can_read($deadline - now())) {
        $self->fail('timeout') if now() >= $deadline;
    }
    my $got = sysread $self->{socket}, $self->{buffer}, 1 << 18, length $self->{buffer};
    $self->fail("closed before the status line ($!)") if !defined $got && $self->{buffer} eq '';
    $self->fail("read: $!") if !defined $got;
    return $got;
}

sub fail ($self, $reason) {
    $self->close;
    die "$reason\n";
}

1;
