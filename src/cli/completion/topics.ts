import type { TopicPart } from '../terminal/topic.ts';

export const TEXTS = {
  shells: (): readonly TopicPart[] => [
    'With completion, the key Tab completes commands, flags, vendors, events, cases, bugs, webhooks, and files.',
    {
      title: 'How to install it: the line for each shell, and the file that it goes into:',
      terms: [
        ['~/.bashrc', 'command -v webhook >/dev/null && eval "$(webhook completion bash)"'],
        ['~/.zshrc', 'command -v webhook >/dev/null && eval "$(webhook completion zsh)"'],
        ['fish, once', 'webhook completion fish > ~/.config/fish/completions/webhook.fish'],
        ['$PROFILE', 'webhook completion powershell | Out-String | Invoke-Expression'],
      ],
    },
    'The shell must find webhook in PATH; the test before && keeps a new shell quiet where it does not.',
    'With hookproof installed in one project, type this in its folder, then the line of bash or zsh: ' +
      'PATH=$PWD/node_modules/.bin:$PATH',
    'Its man pages are read by their path: man -l node_modules/hookproof/dist/man/webhook.1, and webhook-test.1 for ' +
      'webhook test.',
    'The script completes webhook, hookproof, mp-export and verify-cert. Where another program is called webhook, ' +
      'use hookproof completion bash: its script leaves that one alone.',
    'bash, zsh and fish are tested. The script for PowerShell was never run.',
  ],
};
