// One kind of the tag book, to read and to change. What is typed stays until it is saved or given up, also
// while other kinds are looked at; who saves what somebody else has changed meanwhile is asked.
import { focusRow, isOpen, kNewKind, openBook, showKind } from './book_address.js';
import { BookFate } from './book_fate.js';
import { defineKind, inUse, moveKind, reviseKind, sayRefused } from './book_station.js';
import { Component, html } from './dom.js';
import { languages, t, tx } from './i18n.js';
import { isNear } from './near_name.js';
import { change, state } from './store.js';
import { familyClass, familyLabel, keyCap, labelOf } from './tagbook.js';
import { Why } from './why.js';

const kKeys = ['KeyQ', 'KeyW', 'KeyE', 'KeyR', 'KeyT', 'KeyA', 'KeyS', 'KeyD', 'KeyF', 'KeyG', 'KeyZ', 'KeyX', 'KeyC', 'KeyV', 'KeyB',
  'Digit1', 'Digit2', 'Digit3', 'Digit4', 'Digit5'];
const kOpens = ['', 'thank-you', 'promise', 'call-back', 'obstacle', 'idea', 'known-issue'];
const kMaxLabel = 60;   // UTF-16 units: at most 180 bytes, below the station's 200
const kMaxHint = 130;   // likewise, of 400
const kMaxSeconds = 60;

const kByLanguage = ['labels', 'hints']; // fields that are a text each

const drafts = new Map(); // by kind: {patch, revision} of what is not saved: only the fields that were touched, as in valuesOf()

const fresh = () => ({ labels: {}, hints: {}, family: state.families[0]?.id, key: '', shape: 'point', lead_ms: 10_000, lag_ms: 5000, severity: 3, opens: '', first: false });
const valuesOf = (kind) => {
  const { labels, hints, family, key, shape, lead_ms, lag_ms, severity, opens } = kind;
  return { labels, hints, family, key, shape, lead_ms, lag_ms, severity, opens, first: kind.sets.includes('hour') };
};

// Only what differs, as the station takes it.
function changesOf(before, now) {
  const changes = {};
  for (const field of ['family', 'key', 'shape', 'lead_ms', 'lag_ms', 'severity', 'opens']) {
    if (before?.[field] !== now[field]) changes[field] = now[field];
  }
  for (const field of kByLanguage) {
    const texts = Object.entries(now[field]).filter(([language, text]) => text.trim() !== (before?.[field][language] ?? ''));
    if (texts.length) changes[field] = Object.fromEntries(texts);
  }
  if (before?.first !== now.first) changes.sets = now.first ? ['hour', 'desk'] : ['desk'];
  return changes;
}

const patched = (values, patch) => ({
  ...values, ...patch, ...Object.fromEntries(kByLanguage.map((field) => [field, { ...values[field], ...patch?.[field] }])),
});

// What of a patch the values do not say already; null if nothing is left.
function beyond(values, patch) {
  const keep = (of, given) => Object.fromEntries(Object.entries(given).filter(([name, value]) => value !== (of[name] ?? '')));
  const left = keep(values, patch);
  for (const field of kByLanguage) {
    delete left[field];
    const texts = keep(values[field], patch[field] ?? {});
    if (Object.keys(texts).length) left[field] = texts;
  }
  return Object.keys(left).length ? left : null;
}

export const isDirty = (id) => {
  const draft = drafts.get(id);
  const kind = state.kinds.find((one) => one.id === id);
  return Boolean(draft && kind && Object.keys(changesOf(valuesOf(kind), patched(valuesOf(kind), draft.patch))).length);
};

function keepDraft(id, patch, revision) {
  if (patch) drafts.set(id, { patch, revision });
  else drafts.delete(id);
}

export class BookEditor extends Component {
  state = { busy: false, why: '', near: [], conflict: false };

  id = () => this.props.kind?.id ?? kNewKind;
  base = () => (this.props.kind ? valuesOf(this.props.kind) : fresh());
  values = () => patched(this.base(), drafts.get(this.id())?.patch);

  edit(touched) {
    const draft = drafts.get(this.id()) ?? { patch: {}, revision: this.props.kind?.revision };
    const patch = patched(draft.patch, touched);
    keepDraft(this.id(), this.state.busy ? patch : beyond(this.base(), patch), draft.revision); // busy: the base is about to be another
    this.setState({ near: [], why: '' });
    change({}); // the row in the list says so too
  }

  drop = () => {
    drafts.delete(this.id());
    this.setState({ near: [], why: '', conflict: false });
    change({});
    if (!this.props.kind) openBook();
    focusRow(this.id()); // what was pressed is gone
  };

  close = () => {
    openBook();
    focusRow(this.id());
  };

  // sure: the name is meant, though there is one much the same. over: whatever was changed meanwhile.
  async save({ sure = false, over = false } = {}) {
    const { kind } = this.props;
    const [id, sent] = [this.id(), this.values()];
    const changes = { ...changesOf(kind && valuesOf(kind), sent), ...(sure ? { sure } : {}) };
    if (over) keepDraft(id, drafts.get(id)?.patch, kind.revision);
    this.setState({ busy: true, why: '', near: [], conflict: false });
    try {
      const saved = await (kind ? reviseKind(id, { ...changes, revision: drafts.get(id)?.revision ?? kind.revision }) : defineKind(changes));
      const typed = beyond(sent, drafts.get(id)?.patch ?? {}); // since it was sent
      drafts.delete(id);
      keepDraft(saved.id, typed, saved.revision);
      this.setState({ busy: false });
      change({ said: t('book_saved') });
      if (!isOpen(id)) return; // the person is elsewhere by now
      openBook(saved.id);
      if (!typed || !kind) focusRow(saved.id);
    } catch (error) {
      const near = error.code === 'E_NEAR' ? error.body?.near ?? [] : [];
      this.setState({ busy: false, near, conflict: error.code === 'E_REVISION', why: near.length || error.code === 'E_REVISION' ? '' : error });
      if (!isOpen(id)) sayRefused(error);
    }
  }

  submit = (event) => {
    event.preventDefault();
    if (!this.state.busy) this.save();
  };

  render({ kind }, { busy, why, near, conflict }) {
    const values = this.values();
    const dirty = kind ? isDirty(kind.id) : Object.values(values.labels).some((label) => label.trim());
    const locked = !state.mayEdit || Boolean(kind?.retired);
    return html`
      <section class=${`card book-editor ${kind ? familyClass(kind.id) : ''}`} aria-labelledby="kind-title">
        <div class="keys-head">
          <h1 id="kind-title"><bdi>${kind ? labelOf(kind) : t('book_new')}</bdi></h1>
          <span class="acts">
            ${kind && !locked && html`
              <button class="small" onClick=${() => this.move(-1)}>${t('book_up')}</button>
              <button class="small" onClick=${() => this.move(1)}>${t('book_down')}</button>`}
            <button class="small" id="book-close" onClick=${this.close}>${t('close')}</button>
          </span>
        </div>
        <form onSubmit=${this.submit}>
          <fieldset disabled=${locked}>
            <${Labels} values=${values} own=${this.id()} edit=${(patch) => this.edit(patch)} />
            <${Fields} kind=${kind} values=${values} edit=${(patch) => this.edit(patch)} />
          </fieldset>
          ${why && html`<p class="problem" role="alert">${tx('book_failed', { why: html`<${Why} of=${why} />` })}</p>`}
          ${near.length > 0 && html`<${NearSaid} near=${near} save=${() => this.save({ sure: true })} busy=${busy} />`}
          ${conflict && html`
            <div class="ask" role="alert"><p>${t('book_conflict')}</p>
              <p class="acts"><button type="button" onClick=${this.drop}>${t('book_theirs')}</button>
              <button type="button" disabled=${busy} onClick=${() => this.save({ over: true })}>${t('book_mine')}</button></p>
            </div>`}
          ${!locked && html`<p class="acts">
            <button class="primary" disabled=${busy || !dirty}>${t('book_save')}</button>
            ${(dirty || !kind) && html`<button type="button" onClick=${this.drop}>${t('cancel')}</button>`}</p>`}
        </form>
        ${kind && state.mayEdit && !kind.merged_into && html`<${BookFate} key=${`${kind.id} ${kind.retired}`} kind=${kind} />`}
      </section>`;
  }

  async move(step) {
    try {
      await moveKind(this.props.kind, step);
    } catch (error) {
      this.setState({ why: error });
    }
  }
}

// Side by side, so that one name is seen to say the same in all.
function Labels({ values, own, edit }) {
  const typed = Object.values(values.labels).map((label) => label.trim()).filter(Boolean);
  const before = state.kinds.find((kind) => kind.id === own)?.labels ?? {};
  const near = typed.filter((label) => !Object.values(before).includes(label))
    .flatMap((label) => state.kinds.filter((kind) => kind.id !== own && !kind.merged_into && Object.values(kind.labels).some((other) => isNear(label, other))));
  return html`
    <div class="book-labels"><${Texts} of="label" texts=${values.labels} most=${kMaxLabel} edit=${(labels) => edit({ labels })} /></div>
    <div class="near" role="status">${[...new Set(near)].slice(0, 3).map((kind) => html`
      <p key=${kind.id}>${t(kind.retired ? 'book_near_retired' : 'book_near', { kind: labelOf(kind) })}
        <button type="button" class="small" onClick=${() => showKind(kind.id)}>${t('book_near_open')}<span class="unseen">: ${labelOf(kind)}</span></button></p>`)}
    </div>`;
}

const Texts = ({ of, texts, most, edit }) => languages.map(({ code, name }) => html`
  <label key=${code}><span lang=${code}>${name}</span>
    <input id=${`${of}-${code}`} lang=${code} dir="auto" maxlength=${most} value=${texts[code] ?? ''} autocomplete="off"
      onInput=${(event) => edit({ [code]: event.target.value })} /></label>`);

const NearSaid = ({ near, save, busy }) => html`
  <div class="ask" role="alert">
    <p>${t('book_near_refused', { kind: labelOf(near[0]) })}</p>
    <p class="acts"><button type="button" class="primary" onClick=${() => showKind(near[0].id)}>${t('book_near_open')}</button>
      <button type="button" disabled=${busy} onClick=${save}>${t('book_near_sure')}</button></p>
  </div>`;

function Fields({ kind, values, edit }) {
  const choose = (name, options) => html`
    <label>${t(`book_${name}`)}
      <select id=${`kind-${name}`} value=${String(values[name])} onChange=${(event) => edit({ [name]: name === 'severity' ? Number(event.target.value) : event.target.value })}>
        ${options.map(([value, text, disabled]) => html`<option key=${value} value=${value} selected=${String(value) === String(values[name])} disabled=${disabled}>${text}</option>`)}
      </select></label>`;
  const seconds = (name) => html`
    <label>${t(`book_${name}`)}
      <input id=${`kind-${name}`} type="number" dir="ltr" min="0" max=${kMaxSeconds} step="0.5" required value=${values[name] === null ? '' : String(values[name] / 1000)}
        onInput=${({ target: { value } }) => edit({ [name]: value === '' ? null : Math.round(Number(value) * 1000) })} /></label>`;
  const holder = (code) => inUse().find((other) => other.key === code && other.id !== kind?.id);
  const keys = kKeys.map((code) => [code, holder(code) ? `${keyCap(code)} · ${labelOf(holder(code))}` : keyCap(code), Boolean(holder(code))]);
  if (values.key && !kKeys.includes(values.key)) keys.push([values.key, keyCap(values.key)]);
  const families = state.families.map(({ id }) => [id, familyLabel(id)]);
  if (!families.some(([id]) => id === values.family)) families.push([values.family, values.family]);
  return html`
    <div class="book-hints" role="group" aria-labelledby="hints-title"><h2 id="hints-title">${t('book_hint')}</h2>
      <${Texts} of="hint" texts=${values.hints} most=${kMaxHint} edit=${(hints) => edit({ hints })} /></div>
    <div class="book-fields">
      ${choose('key', [['', t('book_no_key')], ...keys])}
      ${choose('family', families)}
      ${choose('severity', [1, 2, 3, 0].map((n) => [n, t(`severity_${n}`)]))}
      ${choose('shape', ['point', 'range'].map((shape) => [shape, t(`shape_${shape}`)]))}
      ${seconds('lead_ms')}
      ${seconds('lag_ms')}
      ${choose('opens', kOpens.map((what) => [what, t(what ? `opens_${what.replace('-', '_')}` : 'opens_none')]))}
      <label class="tick"><input type="checkbox" checked=${values.first} onChange=${(event) => edit({ first: event.target.checked })} /> ${t('book_first')}</label>
    </div>`;
}
