// Light or dark: as the system says until a person picks one here.
const kStorageKey = 'earful.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
let onTheme = () => {};

function read() {
  try {
    return localStorage.getItem(kStorageKey);
  } catch {
    return null;
  }
}

export const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';

export function startTheme(changed) {
  onTheme = changed;
  const stored = read();
  if (stored === 'dark' || stored === 'light') document.documentElement.dataset.theme = stored;
  system.addEventListener('change', () => onTheme());
}

export function toggleTheme() {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(kStorageKey, theme);
  } catch {
    // It lasts as long as the page, then.
  }
  onTheme();
}
