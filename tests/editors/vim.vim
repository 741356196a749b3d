execute 'edit ' . fnameescape($FOLDER . '/Join.wxs')
write
call writefile(getline(1, '$'), $FOLDER . '/buffer.txt')
qall!
