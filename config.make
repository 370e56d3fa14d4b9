cat << END                                                    >> $NGX_MAKEFILE

modules:	ngx_http_gatehouse_module

.PHONY:	ngx_http_gatehouse_module
ngx_http_gatehouse_module:
	+cmake --build $NGX_OBJS/gatehouse

install:	ngx_http_gatehouse_module_install

.PHONY:	ngx_http_gatehouse_module_install
ngx_http_gatehouse_module_install:	ngx_http_gatehouse_module
	test -d '\$(DESTDIR)$NGX_MODULES_PATH' || mkdir -p '\$(DESTDIR)$NGX_MODULES_PATH'
	cp $NGX_OBJS/ngx_http_gatehouse_module.so '\$(DESTDIR)$NGX_MODULES_PATH/'

END
