<?php
/**
 * For visitors without a login, who see that there is something.
 *
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<h1><?= $t('Light curves') ?></h1>
<p class="note"><?= $t('Light curves, lists of variable stars and the pages of stars are for everybody who has an account: <a href="login.php">log in</a> first. Programs read them with a data key, see the page of your account.') ?></p>
<p><?= $t('They show how bright each star of the archive was in every stack that you may see, from all telescopes together. Public stacks themselves, their pictures and where they are on the sky are open to everybody.') ?></p>
