/* In: the filter text of the user, packets of files. Out: which of them pass. Live devices filter in the kernel. */
#include "capture/filter.h"

#include "base/alloc.h"
#include "base/limits.h"

void
filter_init(struct filter *f, const char *text)
{
	*f = (struct filter){ .text = text ? mem_copy_str(text) : NULL };
}

void
filter_fini(struct filter *f)
{
	for (size_t i = 0; i < f->n_programs; i++)
		if (f->programs[i].is_usable)
			pcap_freecode(&f->programs[i].code);
	mem_free(f->text);
	filter_init(f, NULL);
}

static struct filter_program *
find(struct filter *f, int link_type)
{
	for (size_t i = 0; i < f->n_programs; i++)
		if (f->programs[i].link_type == link_type)
			return &f->programs[i];
	return NULL;
}

bool
filter_prepare(struct filter *f, int link_type, struct err *e)
{
	const char *link = pcap_datalink_val_to_name(link_type);
	struct filter_program *program;
	pcap_t *dead;

	if (!f->text || find(f, link_type))
		return true;
	if (f->n_programs == FILTER_LINK_TYPES_MAX) {
		err_set(e, "more than %d link types in one capture", FILTER_LINK_TYPES_MAX);
		return false;
	}
	program = &f->programs[f->n_programs++];
	program->link_type = link_type;
	dead = pcap_open_dead(link_type, CAPTURE_SNAPLEN);
	if (dead)
		program->is_usable = pcap_compile(dead, &program->code, f->text, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!program->is_usable)
		err_set(e, "the filter \"%s\" cannot be used on link type %s: %s", f->text, link ? link : "unknown",
			dead ? pcap_geterr(dead) : "out of memory");
	if (dead)
		pcap_close(dead);
	return program->is_usable;
}

bool
filter_admits(struct filter *f, const struct packet *p)
{
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)p->data.len, .len = p->wire_len };
	struct filter_program *program;
	struct err unused;

	if (!f->text)
		return true;
	program = find(f, p->link_type);
	if (UNLIKELY(!program)) {
		if (!filter_prepare(f, p->link_type, &unused))
			return false;
		program = find(f, p->link_type);
	}
	return program->is_usable && pcap_offline_filter(&program->code, &header, p->data.p) != 0;
}
