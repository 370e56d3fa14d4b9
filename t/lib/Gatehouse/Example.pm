package Gatehouse::Example;

# A deployment of conf/examples as its README has it, in a test's directory and on a test's ports:
#
#     my $example = Gatehouse::Example->new($t, 'visualizer', {8080 => $t->port, 5000 => $t->port(1)});
#     $example->write('nginx.conf', sub ($text) { $text =~ s/interval=5s/interval=1s/r });
#     $example->from('127.0.0.2')->get('/');       as a client of another address

use v5.36;
use Gatehouse;
use Gatehouse::Http;
use IO::Socket::INET;

sub new ($class, $t, $name, $ports) {
    my $self = bless {t => $t, source => Gatehouse::root() . "/conf/examples/$name", ports => $ports}, $class;
    -d $t->dir($_) || mkdir $t->dir($_) or die "$_: $!" for qw(run logs tmp modules data);
    symlink $t->build . '/ngx_http_gatehouse_module.so', $t->dir('modules/ngx_http_gatehouse_module.so');
    return $self;
}

sub source ($self, $file) { return "$self->{source}/$file" }

# One of its files, with what is this test's own in place of what the example has; $change may do more.
sub write ($self, $file, $change = sub ($text) { $text }) {
    my $t = $self->{t};
    my $text = $change->(read_file($self->source($file)) // die "$file: $!");
    $text =~ s{127\.0\.0\.1:$_\b}{127.0.0.1:$self->{ports}{$_}}g for keys %{$self->{ports}};
    $text =~ s{run/(link|control|api)\.sock}{$t->{dir}/$1.sock}g;
    $text =~ s{run/board\b}{$t->board_path}ge;
    $text =~ s{run/nginx\.pid;}{nginx.pid; daemon off;};
    $text = 'user ' . getpwuid($>) . ";\n$text" if $file eq 'nginx.conf' && $> == 0;
    return $t->write_file($file, $text);
}

# A client whose address is another one of this machine.
sub from ($self, $address, $port = $self->{t}->port) {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, LocalAddr => $address)
        or die "connect from $address: $!";
    return Gatehouse::Http->new(port => $port, socket => $socket);
}

1;
