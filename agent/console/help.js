// The keys on one page: the player's, then every kind with its hint.
import { Dialog } from './dialog.js';
import { html } from './dom.js';
import { t } from './i18n.js';
import { codeOfKind } from './keymap.js';
import { change, state } from './store.js';
import { familyClass, keyCap, kindLabel } from './tagbook.js';

export function Help() {
  const close = () => change({ help: false });
  const player = [
    [[t('space'), 'K'], 'help_play'], [['J', 'L'], 'help_ten'], [['←', '→'], 'help_five'], [[',', '.'], 'help_speed'],
    [['O', 'End'], 'help_edge'], [['U'], 'help_skip'], [['I'], 'help_loop'], [['H'], 'help_legs'], [['−', '='], 'help_volume'], [['P'], 'help_pause'], [['N'], 'help_note'], [['⌫'], 'help_undo'], [['?'], 'help_help'], [['Esc'], 'help_escape'],
  ];
  const kinds = state.kinds.filter((kind) => !kind.retired);
  return html`
    <${Dialog} labelledby="help-title" onClose=${close}>
      <div class="keys-head"><h1 id="help-title">${t('help_title')}</h1><button onClick=${close} autofocus>${t('close')}</button></div>
      <p>${t('help_intro')}</p>
      <dl class="help">${player.map(([keys, text]) => html`
        <div><dt dir="ltr">${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${t(text)}</dd></div>`)}
      </dl>
      <h2>${t('help_states')}</h2>
      <dl class="help">
        <div><dt class="mark"><i>✓</i> ${t('saved')}</dt><dd>${t('saved_why')}</dd></div>
        <div><dt class="mark good"><i>✓✓</i> ${t('sent')}</dt><dd>${t('sent_why')}</dd></div>
      </dl>
      <h2>${t('keys_title')}</h2>
      <dl class="help">${kinds.map((kind) => html`
        <div key=${kind.id} class=${familyClass(kind.id)}>
          <dt><kbd>${keyCap(codeOfKind(kind))}</kbd></dt>
          <dd><b>${kindLabel(kind.id)}</b><span class="soft" lang="en" dir="auto">${kind.hint}</span>
            ${kind.shape === 'range' && html`<span class="soft">${t('help_range')}</span>`}</dd>
        </div>`)}
      </dl>
    </${Dialog}>`;
}
