import type { TopicPart } from '../terminal/topic.ts';

export const TEXTS = {
  shells: (): readonly TopicPart[] => [
    'With completion, the Tab key completes commands, flags, vendors, events, cases, bugs, webhooks, and files.',
    {
      title: 'How to install it: the line for each shell, and the file that it goes into:',
      terms: [
        ['~/.bashrc', 'command -v webhook >/dev/null && eval "$(webhook completion bash)"'],
        ['~/.zshrc', 'command -v webhook >/dev/null && eval "$(webhook completion zsh)"'],
        ['fish, once', 'webhook completion fish > ~/.config/fish/completions/webhook.fish'],
        ['$PROFILE', 'webhook completion powershell | Out-String | Invoke-Expression'],
      ],
    },
    'The shell must find webhook in PATH; the test before && avoids an error in a new shell if it does not.',
    'With hookproof installed in one project, type this in its folder, then the line of bash or zsh: ' +
      'PATH=$PWD/node_modules/.bin:$PATH',
    'To read its man pages, give their path: man -l node_modules/hookproof/dist/man/webhook.1, and ' +
      'webhook-test.1 for webhook test.',
    'The script completes webhook, hookproof, mp-export and verify-cert. If another program is called ' +
      'webhook, use hookproof completion bash: its script does not affect the other.',
    'bash, zsh and fish are tested. The script for PowerShell was never run.',
  ],
};
