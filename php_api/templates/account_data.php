<?php
/**
 * @var array{stacks: int, public: int, subs: int} $counts
 * @var bool $hasFactor
 * @var CrowdSky\Accounts\User $user
 * @var string $csrfToken
 * @var Closure $e
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<h2 id="export"><?= $t('All that is known of you here') ?></h2>
<p><?= $t(
    'One ZIP file with JSON in it: your account, uploads, subs, jobs, stacks with their facts, keys without the keys themselves, and logins.'
    . ' The stacks themselves are on the page <a href="stacks.php">Stacks</a>.'
) ?></p>
<p><a class="button" href="account_export.php" download><?= $t('Download my data') ?></a></p>
<h2 id="delete"><?= $t('Delete the account') ?></h2>
<p><?= $t(
    'The account is closed at once: all browsers are logged out and no key works any more. Your subs, your private stacks, your'
    . ' name and your e-mail address are deleted within a day. It cannot be undone.'
) ?></p>
<p><?= $t->count($counts['stacks'], 'There is {n} stack', 'There are {n} stacks') ?>,
    <?= $t->count($counts['public'], '{n} of them public', '{n} of them public') ?>,
    <?= $t->count($counts['subs'], 'and {n} sub.', 'and {n} subs.') ?></p>
<div class="forms single">
<form method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="delete_account">
    <fieldset>
        <legend><?= $t('What becomes of your public stacks?') ?></legend>
        <p><label><input type="radio" name="public_stacks" value="keep" required>
            <?= $t('They stay, without my name, for everybody who works with them') ?></label></p>
        <p><label><input type="radio" name="public_stacks" value="delete" required>
            <?= $t('They are deleted, too') ?></label></p>
    </fieldset>
    <label for="delete-name"><?= $t('Type your user name, {name}', ['name' => $user->username]) ?></label>
    <input id="delete-name" name="typed_name" autocomplete="off" spellcheck="false" required>
    <label for="delete-password"><?= $t('Password') ?></label>
    <input id="delete-password" name="password" type="password" autocomplete="current-password" required>
<?php if ($hasFactor) : ?>
    <label for="delete-code"><?= $t('Code of the app, or one for recovery') ?></label>
    <input id="delete-code" name="code" autocomplete="one-time-code" spellcheck="false" maxlength="40" required>
<?php endif ?>
    <button class="danger"><?= $t('Delete my account') ?></button>
</form>
</div>
